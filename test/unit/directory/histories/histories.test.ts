import fc from 'fast-check'
import { type Test, test } from 'tap'
import { carryOut } from '../../../../src/directory/acts/carry-out.ts'
import type { Outcome } from '../../../../src/directory/acts/outcome.ts'
import { newFact } from '../../../../src/directory/acts/workbench.ts'
import { resolveAddress } from '../../../../src/directory/snapshot/resolve-address.ts'
import { resolveRecipient } from '../../../../src/directory/snapshot/resolve-recipient.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { Act } from '../../../../src/domain/directory/act.ts'
import type { Fact } from '../../../../src/domain/directory/fact.ts'
import type { RecipientResolution } from '../../../../src/domain/directory/resolution.ts'
import { type AgencyCode, agencyCode } from '../../../../src/domain/identifiers.ts'
import { SEED_TIERS } from '../../../../src/domain/tier.ts'
import { BEGINNING, CODES, DAYS, EVERY_DAY, history, type Plan, toAct } from './plans.ts'
import { cyclesOn, hopsFit, sees } from './views.ts'

/** One revision that was let through. */
interface Step {
  readonly today: string
  readonly acts: readonly Act[]
  readonly before: DirectorySnapshot
  readonly after: DirectorySnapshot
  readonly outcome: Outcome
  /** Everything that was ever on record by then. */
  readonly record: readonly Fact[]
}

const SPELLINGS = [...CODES, 'x0', 'x1', 'x2', 'x3', 'NHOM']
const SOME_DAYS = ['2019-01-01', '2025-01-15', '2025-03-01', '2025-06-15', '2025-09-01', '2030-01-01']

/** Writes a history, revision by revision, a month apart; what is refused must change nothing. */
function* written(plans: readonly (readonly Plan[])[]): Generator<Step> {
  const empty = DirectorySnapshot.of(0, [])
  let record: readonly Fact[] = []
  let directory = empty
  for (const [number, revision] of [[], ...plans].entries()) {
    const today = number === 0 ? '2020-01-01' : DAYS[Math.min(number - 1, DAYS.length - 1)]!
    const before = directory
    const acts = number === 0 ? BEGINNING : revision.map((one) => toAct(one, before))
    const outcome = carryOut(before, acts, { today, tiers: SEED_TIERS })
    if (outcome.faults.length > 0) {
      if (outcome.delta.asserted.length + outcome.delta.retracted.length > 0)
        throw new Error('done and refused')
      continue
    }
    const at = before.revision + 1
    const asserted = outcome.delta.asserted.map(
      (fact, index): Fact => ({ ...fact, id: record.length + index + 1, assertedIn: at, retractedIn: null }),
    )
    const gone = new Set(outcome.delta.retracted)
    record = [...record.map((fact) => (gone.has(fact.id) ? { ...fact, retractedIn: at } : fact)), ...asserted]
    directory = before.with(at, asserted, outcome.delta.retracted)
    yield { today, acts, before, after: directory, outcome, record }
  }
}

/** Runs a check over every revision of random histories; on a failure the seed and the smallest history are told. */
function holds(t: Test, check: (step: Step, all: readonly Step[]) => void, numRuns = 120): void {
  let revisions = 0
  fc.assert(
    fc.property(history, (plans) => {
      const all: Step[] = []
      for (const step of written(plans)) {
        all.push(step)
        check(step, all)
      }
      revisions += all.length - 1
    }),
    { numRuns },
  )
  t.ok(revisions > 2 * numRuns, `${revisions} revisions were let through`)
}

function must(what: string, holds: boolean): void {
  if (!holds) throw new Error(what)
}

const equal = (what: string, a: unknown, b: unknown): void =>
  must(`${what}: ${JSON.stringify(a)} / ${JSON.stringify(b)}`, JSON.stringify(a) === JSON.stringify(b))

test('every historic code and alias leads to an open agency or a named reason, on every day', async (t) => {
  holds(t, ({ after }) => {
    for (const day of EVERY_DAY)
      for (const spelling of SPELLINGS) {
        const found = resolveAddress(after, spelling, { day })
        must(`hops of ${spelling} on ${day}`, hopsFit(found))
        if (found.outcome === 'agency') {
          must(`${spelling} leads to a closed agency on ${day}`, after.isOpen(found.agency.code, day))
          continue
        }
        const known = after
          .factsOfKind(agencyCode(spelling), 'existence')
          .some(({ validFrom }) => validFrom <= day)
        must(`${spelling} is forgotten on ${day}`, !known || !/unknown|not-yet/.test(found.reason))
      }
  })
})

test('nobody stands beneath or takes over from himself, on any day', async (t) => {
  holds(t, ({ after }) => {
    for (const day of EVERY_DAY) equal(`cycles on ${day}`, cyclesOn(after, day), [])
  })
})

/** Where a spelling leads; that a code is yet to begin may be known or not, and leads nowhere all the same. */
const leads = (found: RecipientResolution): unknown => {
  if (found.outcome === 'group') return { ...found, expansion: undefined }
  if (found.outcome === 'agency') return found
  return /unknown-code|not-yet-open|not-in-force/.test(found.reason) ? 'nowhere' : found
}

/** Where an open agency stands, and how it is reached. */
const stands = (directory: DirectorySnapshot, code: AgencyCode, day: string): unknown => [
  directory.agency(code, day),
  directory.ancestors(code, day),
  directory.endpointFor(code, day) ?? 'none',
  directory.childrenOn(code, day).sort(),
  directory.subtreeOn(code, day).sort(),
]

test('what takes effect later changes no earlier day; what does not correct the past changes none', async (t) => {
  holds(t, ({ acts, before, after, outcome, today }) => {
    const first = acts.map((act) => ('on' in act ? act.on : '')).reduce((a, b) => (a < b ? a : b))
    const unchanged = outcome.correctsPast ? first : [first, today].reduce((a, b) => (a > b ? a : b))
    if (before.revision === 0) return
    for (const day of EVERY_DAY.filter((one) => one < unchanged)) {
      for (const spelling of SPELLINGS)
        equal(
          `${spelling} on ${day}`,
          leads(resolveRecipient(after, spelling, { day })),
          leads(resolveRecipient(before, spelling, { day })),
        )
      for (const code of CODES.filter((one) => before.isOpen(one, day)))
        equal(`${code} on ${day}`, stands(after, code, day), stands(before, code, day))
    }
  })
})

test('a correction of the past is a later, visible fact, and what was known before can be told again', async (t) => {
  let corrections = 0
  holds(t, ({ outcome, today, record, after }, all) => {
    const said = outcome.notes.flatMap(({ changes }) => changes)
    must(
      'a note without a past',
      said.every(({ from }) => from < today),
    )
    if (outcome.correctsPast && all.length > 1) corrections += 1
    must(
      'facts of a later revision',
      outcome.delta.retracted.every((id) => record[id - 1]?.retractedIn === after.revision),
    )
    const then = all[Math.floor(all.length / 2)]!.after
    const replayed = DirectorySnapshot.of(
      then.revision,
      record.filter(
        ({ assertedIn, retractedIn }) =>
          assertedIn <= then.revision && (retractedIn === null || retractedIn > then.revision),
      ),
    )
    for (const day of DAYS)
      for (const spelling of SPELLINGS)
        equal(
          `${spelling} on ${day} as known in ${then.revision}`,
          resolveRecipient(replayed, spelling, { day }),
          resolveRecipient(then, spelling, { day }),
        )
  })
  t.ok(corrections > 60, `${corrections} revisions corrected the past`)
})

test('a snapshot that was brought up to date equals one that was read whole', async (t) => {
  holds(
    t,
    ({ after, record }) => {
      const whole = DirectorySnapshot.of(
        after.revision,
        record.filter(({ retractedIn }) => retractedIn === null),
      )
      equal('seen', sees(after, SPELLINGS, SOME_DAYS), sees(whole, SPELLINGS, SOME_DAYS))
    },
    50,
  )
})

test('acts at once come to the same as acts one by one: the smallest delta loses nothing', async (t) => {
  let compared = 0
  holds(
    t,
    ({ acts, before, after, today }) => {
      let one = before
      let lastId = 1_000_000
      for (const act of acts) {
        const { delta, faults } = carryOut(one, [act], { today, tiers: SEED_TIERS })
        if (faults.length > 0) return
        const asserted = delta.asserted.map((fact): Fact => {
          lastId += 1
          return { ...fact, id: lastId, assertedIn: after.revision, retractedIn: null }
        })
        one = one.with(after.revision, asserted, delta.retracted)
      }
      if (acts.length > 1) compared += 1
      equal('seen', sees(one, SPELLINGS, SOME_DAYS, false), sees(after, SPELLINGS, SOME_DAYS, false))
    },
    50,
  )
  t.ok(compared > 30, `${compared} revisions of several acts`)
})

test('what a revision said can be taken back, and everything is as before', async (t) => {
  holds(
    t,
    ({ before, after, today, record }) => {
      const facts = record.filter(({ assertedIn }) => assertedIn === after.revision).map(({ id }) => id)
      const instead = record.filter(({ retractedIn }) => retractedIn === after.revision).map(newFact)
      if (before.revision === 0 || facts.length + instead.length === 0) return
      const back = carryOut(after, [{ act: 'correct', facts, instead }], { today, tiers: SEED_TIERS })
      equal('faults', back.faults, [])
      const asserted = back.delta.asserted.map(
        (fact, index): Fact => ({
          ...fact,
          id: record.length + index + 1,
          assertedIn: after.revision + 1,
          retractedIn: null,
        }),
      )
      const restored = after.with(after.revision + 1, asserted, back.delta.retracted)
      equal('seen', sees(restored, SPELLINGS, SOME_DAYS, false), sees(before, SPELLINGS, SOME_DAYS, false))
    },
    50,
  )
})
