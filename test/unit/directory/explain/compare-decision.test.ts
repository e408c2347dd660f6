import t from 'tap'
import type { DecidedDelivery } from '../../../../src/db/decided-deliveries.ts'
import { compareDecision } from '../../../../src/directory/explain/compare-decision.ts'
import { narrateDelivery } from '../../../../src/directory/explain/narrate-delivery.ts'
import type { ExplainParts } from '../../../../src/directory/explain/question.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { WITHOUT_CONNECTOR } from '../../../../src/domain/channel-id.ts'
import type { Fact } from '../../../../src/domain/directory/fact.ts'
import { agencyCode, documentKey, newDeliveryKey, uuidv7 } from '../../../../src/domain/identifiers.ts'
import { agencyFacts, endpointFact } from '../../../support/record-facts.ts'

const AT = new Date('2026-11-20T03:00:00Z')
const facts = [
  ...agencyFacts({ code: 'G90', name: 'Bộ Thử nghiệm', tier: 'central' }),
  ...agencyFacts({ code: 'H90', name: 'Tỉnh Một', tier: 'province' }),
  ...agencyFacts({ code: 'H91', name: 'Tỉnh Hai', tier: 'province' }),
  endpointFact('H91', 'https://h91.example'),
  ...agencyFacts({ code: 'H91.31', name: 'Xã Một', parent: 'H91' }),
].map((fact, index): Fact => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null }))

const parts: ExplainParts = {
  directory: DirectorySnapshot.of(1, facts),
  table: {
    revision: 1,
    rules: [],
    author: 'migration',
    approvedBy: null,
    createdAt: AT,
    effectiveFrom: AT,
    draftId: null,
  },
  tableBecause: 'in-force',
  next: null,
  delegations: [],
  usable: WITHOUT_CONNECTOR,
}

/** As the release before dated facts kept it. */
const earlier = (
  recipient: string,
  channel: DecidedDelivery['channel'],
  rule = 'default',
): DecidedDelivery => ({
  key: newDeliveryKey(),
  document: documentKey(uuidv7()),
  sender: agencyCode('G90'),
  recipient: agencyCode(recipient),
  channel,
  urgency: 0,
  documentType: null,
  bytes: 1_000,
  acceptedAt: AT,
  movedAt: null,
  route: { revision: 1, rule, tried: [] },
})

t.test('what an earlier release decided without a rule is decided the same by a default', (t) => {
  t.ok(compareDecision(parts, earlier('H90', 'mailbox'), AT).same)
  t.ok(compareDecision(parts, earlier('H91', 'https-push'), AT).same)
  t.notOk(compareDecision(parts, earlier('H91', 'mailbox'), AT).same, 'the way is another')
  t.notOk(compareDecision(parts, earlier('H90', 'mailbox', 'r1'), AT).same, 'a rule decided')
  t.end()
})

t.test('it is told as a default, and not as a rule of that name', (t) => {
  const delivery = earlier('H90', 'mailbox')
  const then = compareDecision(parts, delivery, AT)
  const words = narrateDelivery({ delivery, decidedAt: AT, then, now: then })
  t.match(words[1], {
    vi: /theo mặc định: điểm kết nối của nơi nhận hoặc hộp thư/,
    en: /by default: the recipient's own endpoint or its mailbox/,
  })
  t.end()
})

t.test('a rule may have that name', (t) => {
  const delivery = earlier('H90', 'mailbox')
  const route = { ...delivery.route, directoryRevision: 1 }
  t.notOk(compareDecision(parts, { ...delivery, route }, AT).same)
  t.end()
})
