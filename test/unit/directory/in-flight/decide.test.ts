import t from 'tap'
import { addressedOf, joinNames, leadOn } from '../../../../src/delivery/in-flight/addressed.ts'
import { closedAgencies, decideInFlight } from '../../../../src/directory/in-flight/decide.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { NewFact } from '../../../../src/domain/directory/fact.ts'
import type { Succession } from '../../../../src/domain/directory/succession.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import type { Addressed } from '../../../../src/domain/routing-rule.ts'
import { agencyFacts } from '../../../support/record-facts.ts'

const DAY = '2025-07-01'

const closing = (code: string, to: Partial<Succession> & { main?: Succession['main'] }): NewFact[] => [
  ...agencyFacts({ code, validTo: DAY }),
  {
    subject: agencyCode(code),
    kind: 'succession',
    value: {
      act: 'merge',
      heirs: to.main == null ? [] : [{ code: to.main }],
      main: null,
      whenAddressed: 'redirect',
      whenInFlight: 'redirect',
      basis: '202/2025/QH15',
      ...to,
    },
    validFrom: DAY,
    validTo: null,
  },
]

const snapshotOf = (...facts: NewFact[]) =>
  DirectorySnapshot.of(
    3,
    facts.map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
  )

const open = agencyFacts({ code: 'NEW' })
const to = (code: string) => agencyCode(code)
const decide = (snapshot: DirectorySnapshot, recipient: string, day = DAY, documentType?: string) =>
  decideInFlight(snapshot, { recipient: agencyCode(recipient), documentType }, day)

t.test('what happens on the day of closing is what the succession says', async (t) => {
  const snapshot = snapshotOf(
    ...open,
    ...closing('R', { main: to('NEW') }),
    ...closing('B', { main: to('NEW'), whenInFlight: 'bounce' }),
    ...closing('K', { main: to('NEW'), whenInFlight: 'keep' }),
    ...closing('A', { main: to('NEW'), whenAddressed: 'bounce' }),
  )
  t.match(decide(snapshot, 'R'), {
    outcome: 'redirect',
    to: { code: 'NEW' },
    hops: [{ from: { code: 'R' } }],
  })
  t.match(decide(snapshot, 'B'), { outcome: 'bounce', successor: { code: 'NEW' }, closedOn: DAY })
  t.match(decide(snapshot, 'K'), { outcome: 'keep', because: 'policy' })
  t.match(decide(snapshot, 'A'), { outcome: 'redirect' }, 'bouncing is for what is addressed afterwards')
  for (const code of ['R', 'B', 'K', 'NEW', 'NOBODY'])
    t.same(decide(snapshot, code, '2025-06-30'), { outcome: 'open' }, `${code} the day before`)
  t.same(
    closedAgencies(snapshot, DAY).map(({ code }) => code),
    ['R', 'B', 'K', 'A'],
  )
  t.same(closedAgencies(snapshot, '2025-06-30'), [])
})

t.test('several steps are followed, whatever the policies on the way', async (t) => {
  const snapshot = snapshotOf(
    ...open,
    ...closing('A', { main: to('B') }),
    ...closing('B', { main: to('C'), whenInFlight: 'keep', whenAddressed: 'bounce' }),
    ...closing('C', { main: to('NEW'), whenInFlight: 'bounce' }),
  )
  const decision = decide(snapshot, 'A')
  t.match(decision, { outcome: 'redirect', to: { code: 'NEW' } })
  t.equal(decision.outcome === 'redirect' && decision.hops.length, 3)
})

t.test('who takes over depends on the kind of document', async (t) => {
  const heirs = [{ code: to('NEW'), documentTypes: ['Công văn'] }]
  const snapshot = snapshotOf(...open, ...closing('S', { heirs, act: 'split' }))
  t.match(decide(snapshot, 'S', DAY, 'Công văn'), { outcome: 'redirect', to: { code: 'NEW' } })
  t.match(decide(snapshot, 'S', DAY, 'Quyết định'), { outcome: 'keep', because: 'successor-unresolvable' })
  t.match(decide(snapshot, 'S'), { outcome: 'keep', because: 'successor-unresolvable', under: 'revision:3' })
})

t.test('where nobody takes over it stays', async (t) => {
  const snapshot = snapshotOf(
    ...agencyFacts({ code: 'Z', validTo: DAY }),
    ...closing('N', { act: 'closure' }),
    ...closing('X', { main: to('Y') }),
    ...closing('Y', { main: to('X') }),
  )
  t.match(decide(snapshot, 'Z'), { outcome: 'keep', because: 'no-successor', under: 'no-succession' })
  t.match(decide(snapshot, 'N'), { outcome: 'keep' })
  t.match(decide(snapshot, 'X'), { outcome: 'keep', because: 'successor-unresolvable' }, 'a circle ends')
})

t.test('a bounce tells who would be right also where nobody is', async (t) => {
  const snapshot = snapshotOf(...closing('B', { whenInFlight: 'bounce' }))
  t.match(decide(snapshot, 'B'), { outcome: 'bounce', successor: null })
})

t.test('no name is lost on the way', async (t) => {
  const hop = (from: string, next: string) => ({
    from: { code: to(from), name: from },
    to: { code: to(next), name: next },
    act: 'merge' as const,
    on: DAY,
    basis: null,
  })
  const direct: Addressed = { spelling: '000.00.00.B', code: to('B'), name: 'B', hops: [] }
  const before: Addressed = { spelling: 'A', code: to('A'), name: 'A', hops: [hop('A', 'B')] }
  const led = leadOn([direct, before], { code: to('B'), name: 'B' }, [hop('B', 'C')])
  t.same(
    led.map(({ code, hops }) => [code, ...hops.map((step) => step.to.code)]),
    [
      ['B', 'C'],
      ['A', 'B', 'C'],
    ],
  )
  t.match(leadOn([], { code: to('B'), name: 'Bê' }, [hop('B', 'C')]), [
    { spelling: 'B', name: 'Bê', hops: [{}] },
  ])
  t.same(joinNames([direct], led), [led[0], led[1]])
  t.same(addressedOf({ addressed: [direct] }), [direct])
  t.same(addressedOf({}), [])
})
