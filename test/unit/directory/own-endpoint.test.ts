import fc from 'fast-check'
import t from 'tap'
import { endpointFromToday } from '../../../src/directory/own-endpoint.ts'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { EndpointValue, Fact, NewFact } from '../../../src/domain/directory/fact.ts'
import { holdsOn } from '../../../src/domain/directory/fact.ts'
import { type AgencyCode, agencyCode } from '../../../src/domain/identifiers.ts'

type EndpointFact = Extract<Fact, { kind: 'endpoint' }>

const AGENCY = agencyCode('H90')
const TODAY = '2026-01-04'
const DAYS = ['2026-01-01', '2026-01-02', '2026-01-03', TODAY, '2026-01-05', '2026-01-06', '2026-01-07']
const push = (name: string): EndpointValue => ({
  channel: 'https-push',
  url: `https://${name}.example`,
  reaches: 'itself',
})

/** A directory of the agency with these endpoints, open all the time or until a day. */
const directoryOf = (endpoints: readonly EndpointFact[], ...others: readonly Fact[]): DirectorySnapshot =>
  DirectorySnapshot.of(3, [...endpoints, ...others])

const openFrom = (subject: AgencyCode, validFrom: string, validTo: string | null, id: number): Fact => ({
  ...{ subject, kind: 'existence', value: {}, validFrom, validTo },
  ...{ id, assertedIn: 1, retractedIn: null },
})
const OPEN = openFrom(AGENCY, '2020-01-01', null, 100)

/** Endpoints that follow each other, with gaps; each from one day up to another. */
const history = fc
  .uniqueArray(fc.integer({ min: 0, max: DAYS.length }), { maxLength: 6 })
  .map((cuts) => [...cuts].sort((a, b) => a - b))
  .map((cuts) =>
    cuts.flatMap((from, at): EndpointFact[] => {
      const to = cuts[at + 1]
      if (at % 2 === 1 || from >= DAYS.length) return []
      const validTo = to === undefined ? null : (DAYS[to] ?? null)
      const base = { subject: AGENCY, kind: 'endpoint' as const, value: push(`old-${at}`) }
      return [{ ...base, id: at, validFrom: DAYS[from]!, validTo, assertedIn: 1, retractedIn: null }]
    }),
  )

const urlOn = (facts: readonly NewFact[], day: string): string | null | undefined => {
  const holding = facts.filter((fact) => holdsOn(fact, day))
  if (holding.length > 1) throw new Error(`two endpoints on ${day}`)
  const [fact] = holding
  return fact?.kind === 'endpoint' ? fact.value.url : undefined
}

t.test('a choice holds from today until what is on record for later, and leaves the past alone', async () => {
  fc.assert(
    fc.property(history, fc.option(fc.constant(push('new'))), (before, choice) => {
      const { asserted, retracted } = endpointFromToday(directoryOf(before, OPEN), AGENCY, choice, TODAY)
      const after = [...before.filter(({ id }) => !retracted.includes(id)), ...asserted]
      const later = before.find(({ validFrom }) => validFrom > TODAY)?.validFrom ?? '9999'
      return DAYS.every((day) => {
        if (day < TODAY || day >= later) return urlOn(after, day) === urlOn(before, day)
        return urlOn(after, day) === (choice?.url ?? undefined)
      })
    }),
  )
})

t.test('what was chosen today is taken back whole where it is chosen again today', async (t) => {
  const today: EndpointFact = {
    subject: AGENCY,
    kind: 'endpoint',
    value: push('morning'),
    validFrom: TODAY,
    validTo: null,
    id: 7,
    assertedIn: 3,
    retractedIn: null,
  }
  t.strictSame(endpointFromToday(directoryOf([today], OPEN), AGENCY, push('noon'), TODAY), {
    asserted: [{ subject: AGENCY, kind: 'endpoint', value: push('noon'), validFrom: TODAY, validTo: null }],
    retracted: [7],
  })
  t.strictSame(endpointFromToday(directoryOf([today], OPEN), AGENCY, null, TODAY), {
    asserted: [],
    retracted: [7],
  })
})

const fixed = (
  value: EndpointValue,
  subject: AgencyCode,
  validFrom: string,
  validTo: string | null,
  id: number,
): EndpointFact => ({
  kind: 'endpoint',
  ...{ subject, value, validFrom, validTo, id, assertedIn: 1, retractedIn: null },
})

t.test('a choice ends with the agency where its closing is on record', async (t) => {
  const directory = directoryOf([], openFrom(AGENCY, '2020-01-01', '2026-01-06', 100))
  t.match(endpointFromToday(directory, AGENCY, push('new'), TODAY).asserted, [{ validTo: '2026-01-06' }])
})

const OTHER = agencyCode('H91')
const RECODED_ON = '2026-01-06'
const RECODED: Fact = {
  ...{ subject: AGENCY, kind: 'succession', validFrom: RECODED_ON, validTo: null },
  ...{ id: 101, assertedIn: 1, retractedIn: null },
  value: {
    ...{ act: 'recode', heirs: [{ code: OTHER }], main: OTHER, basis: null },
    ...{ whenAddressed: 'redirect', whenInFlight: 'redirect' },
  },
}
const RECODING = [
  openFrom(AGENCY, '2020-01-01', RECODED_ON, 100),
  RECODED,
  openFrom(OTHER, RECODED_ON, null, 102),
]
const of = (facts: readonly NewFact[], code: AgencyCode) => facts.filter(({ subject }) => subject === code)

t.test('a choice goes on to the other code that is on record for the agency', async (t) => {
  const directory = directoryOf(
    [fixed(push('old'), AGENCY, '2025-01-01', RECODED_ON, 1), fixed(push('old'), OTHER, RECODED_ON, null, 2)],
    ...RECODING,
  )
  const { asserted, retracted } = endpointFromToday(directory, AGENCY, push('new'), TODAY)
  t.same([...retracted].sort(), [1, 2])
  t.equal(urlOn(of(asserted, AGENCY), '2026-01-05'), 'https://new.example')
  t.equal(urlOn(of(asserted, OTHER), RECODED_ON), 'https://new.example')
  t.equal(urlOn(of(asserted, AGENCY), '2026-01-03'), 'https://old.example')
})

t.test('where more would have to be said of the other code, it is left to a draft', async (t) => {
  const directory = directoryOf(
    [
      fixed(push('old'), AGENCY, '2025-01-01', RECODED_ON, 1),
      fixed(push('old'), OTHER, '2026-01-02', null, 2),
    ],
    ...RECODING,
  )
  const { asserted, retracted } = endpointFromToday(directory, AGENCY, push('new'), TODAY)
  t.same(retracted, [1])
  t.equal(urlOn(of(asserted, AGENCY), '2026-01-05'), 'https://new.example')
  t.same(of(asserted, OTHER), [])
})
