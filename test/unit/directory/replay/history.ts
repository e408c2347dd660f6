import { carryOut } from '../../../../src/directory/acts/carry-out.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { Act } from '../../../../src/domain/directory/act.ts'
import type { Fact } from '../../../../src/domain/directory/fact.ts'
import type { Fault } from '../../../../src/domain/fault.ts'
import { SEED_TIERS } from '../../../../src/domain/tier.ts'
import { Log, type ReplayedAct } from './model.ts'
import { BEGINNING, DAYS, randomAct, randomFrom } from './random-acts.ts'

/** A directory and the log of the same acts, after one revision. */
export interface Written {
  readonly directory: DirectorySnapshot
  readonly log: Log
  readonly acts: readonly Act[]
  readonly warnings: readonly Fault[]
}

/**
 * What is let through and told: the writer of the draft learns that the act says less, or something else, than it would by
 * itself. A replay knows nothing of this.
 */
const TOLD: ReadonlySet<string> = new Set([
  'nothing-changes',
  'planned-end-dropped',
  'heir-opens-again',
  'parent-succeeded',
  'code-used-same-day',
])
const isTold = ({ code, found }: Fault, acts: readonly Act[], log: Log): boolean =>
  TOLD.has(code) ||
  (code === 'later-change-planned' && acts.some(({ act }) => act === 'move')) ||
  (code === 'code-used-before' && log.acts.some((act) => 'parent' in act && act.parent === found))

/**
 * Whether a move on record has come to change nothing: its parent was taken over by the one above already. It is then taken
 * for a consequence (ADR 20), which a replay does not do.
 */
const absorbsMove = (before: DirectorySnapshot, after: DirectorySnapshot, { acts }: Log): boolean =>
  acts.some((act) => {
    if (act.act !== 'move') return false
    const begins = (directory: DirectorySnapshot) =>
      directory.factsOfKind(act.code, 'placement').some(({ validFrom }) => validFrom === act.on)
    return begins(before) && !begins(after)
  })

/** A random history: acts of random days, in random order, revision by revision; some revisions are taken back. */
export class History {
  readonly written: Written[] = []
  #record: readonly Fact[] = []
  #directory = DirectorySnapshot.of(0, [])
  #log = new Log()

  constructor(seed: number) {
    const random = randomFrom(seed)
    this.#write(BEGINNING, this.#log.with(BEGINNING), '2020-01-01')
    const revisions = 4 + Math.floor(random() * 14)
    for (let at = 0; at < revisions; at += 1) {
      const today = DAYS[Math.floor((at * DAYS.length) / revisions)]!
      if (random() < 0.06) this.#takeBack(today)
      else this.#writeRandom(random, at, today)
    }
  }

  #writeRandom(random: () => number, revision: number, today: string): void {
    const acts: ReplayedAct[] = []
    for (let left = random() < 0.25 ? 2 : 1; left > 0; left -= 1) {
      const act = randomAct(random, this.#log, acts, `T${revision}.${left}`)
      if (act !== undefined) acts.push(act)
    }
    if (acts.length > 0) this.#write(acts, this.#log.with(acts), today)
  }

  /** The last revision, by the facts that it said and took back. */
  #takeBack(today: string): void {
    const before = this.written.at(-2)
    if (before === undefined) return
    const { revision } = this.#directory
    const facts = this.#record.filter(({ assertedIn }) => assertedIn === revision).map(({ id }) => id)
    const instead = this.#record.filter(({ retractedIn }) => retractedIn === revision).map(said)
    if (facts.length + instead.length > 0)
      this.#write([{ act: 'correct', facts, instead }], before.log, today)
  }

  #write(acts: readonly Act[], log: Log, today: string): void {
    const { delta, faults, warnings } = carryOut(this.#directory, acts, { today, tiers: SEED_TIERS })
    if (faults.length > 0 || warnings.some((one) => isTold(one, acts, log))) return
    const revision = this.#directory.revision + 1
    const asserted = delta.asserted.map(
      (fact, index): Fact => ({
        ...fact,
        id: this.#record.length + index + 1,
        assertedIn: revision,
        retractedIn: null,
      }),
    )
    const gone = new Set(delta.retracted)
    const directory = this.#directory.with(revision, asserted, delta.retracted)
    if (absorbsMove(this.#directory, directory, log)) return
    this.#record = [
      ...this.#record.map((fact) => (gone.has(fact.id) ? { ...fact, retractedIn: revision } : fact)),
      ...asserted,
    ]
    this.#directory = directory
    this.#log = log
    this.written.push({ directory: this.#directory, log, acts, warnings })
  }
}

const said = (fact: Fact) => {
  const { id: _, assertedIn: __, retractedIn: ___, ...rest } = fact
  return rest
}
