import t from 'tap'
import type { RecentDelivery } from '../../../../src/db/recent-deliveries.ts'
import { deciderOf } from '../../../../src/directory/drafts/decide-again.ts'
import { compileTable } from '../../../../src/directory/routing/compile-table.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { WITHOUT_CONNECTOR } from '../../../../src/domain/channel-id.ts'
import type { Fact } from '../../../../src/domain/directory/fact.ts'
import { agencyCode, documentKey, uuidv7 } from '../../../../src/domain/identifiers.ts'
import { agencyFacts, successionFact } from '../../../support/record-facts.ts'

const facts = [
  ...agencyFacts({ code: 'H91' }),
  ...agencyFacts({ code: 'H92', validTo: '2026-01-01' }),
  ...agencyFacts({ code: 'H93', validTo: '2026-01-01' }),
  successionFact('H92', 'H91', '2026-01-01'),
].map((fact, id): Fact => ({ ...fact, id, assertedIn: 1, retractedIn: null }))

const decide = deciderOf({
  directory: DirectorySnapshot.of(1, facts),
  table: compileTable({ revision: 1, rules: [] }),
  usable: WITHOUT_CONNECTOR,
  day: '2026-11-22',
})

const named = (code: string) => ({ spelling: code, code: agencyCode(code), name: code, hops: [] })
const delivery: RecentDelivery = {
  id: uuidv7(),
  document: uuidv7(),
  sender: agencyCode('H91'),
  recipient: agencyCode('H91'),
  documentType: null,
  urgency: 0,
  bytes: 1,
  addressed: [named('H92'), named('H93')],
  inFlight: true,
  recent: true,
}
const withdrawnBy = documentKey(uuidv7())

t.test('each name that led to a delivery is decided again', async (t) => {
  t.match(decide(delivery), [{ recipient: 'H91' }, { reason: 'closed' }])
})

t.test('a name from which it was taken back is not', async (t) => {
  const addressed = [named('H92'), { ...named('H93'), withdrawnBy }]
  t.match(decide({ ...delivery, addressed }), [{ recipient: 'H91' }])
  t.equal(decide({ ...delivery, addressed }).length, 1)
})

t.test('one that knows no name, or none any more, is decided by its recipient', async (t) => {
  for (const addressed of [null, [], [{ ...named('H93'), withdrawnBy }]])
    t.match(decide({ ...delivery, addressed }), [{ recipient: 'H91' }])
})
