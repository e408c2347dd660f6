import t from 'tap'
import { findDelivery } from '../../src/db/deliveries.ts'
import { findDocument } from '../../src/db/documents.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode, type DocumentKey, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { recallDocument } from '../../src/intake/compose-recall.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { statusPacket } from '../support/packets.ts'
import { recordFacts, replaceFacts } from '../support/record-facts.ts'
import { successionWorld } from '../support/succession-world.ts'

const MINISTRY = 'G90'
const ON = '2026-01-01'
const gateway = await testGateway(t)
const { pool } = gateway.api
const world = successionWorld(gateway)

const bears = (code: string, alias: string, validFrom: string, validTo: string | null): NewFact => ({
  subject: agencyCode(code),
  kind: 'alias',
  value: { alias, form: 'free' },
  validFrom,
  validTo,
})

/** From one day on a spelling is another agency's. */
async function reassign(alias: string, from: string, to: string): Promise<void> {
  await replaceFacts(pool, from, 'alias', [bears(from, alias, '2020-01-01', ON)])
  await recordFacts(pool, [bears(to, alias, ON, null)])
}

const documentOf = async (key: DocumentKey) => {
  const document = await findDocument(pool, key)
  if (document === undefined) throw new Error('no such document')
  return document
}

t.test('a recall by a spelling that is another agency’s by now takes back from whom it meant', async (t) => {
  const [old, heirless] = await world.open({ aliases: ['TRUC.CU1'] }, {})
  const documentId = world.newId(MINISTRY)
  const sent = await world.send(MINISTRY, { from: MINISTRY, to: ['TRUC.CU1'], documentId })
  await reassign('TRUC.CU1', old!, heirless!)
  const document = await documentOf(sent.document)
  const request = { document, agency: agencyCode(MINISTRY), reason: 'Gửi nhầm' }
  const { recipients } = await recallDocument(gateway.api, { caller: callerOf(MINISTRY) }, request)
  t.match(recipients, [{ agency: old, outcome: 'withdrawn' }])
})

t.test('an update by such a spelling reaches whom it meant, and nobody else', async (t) => {
  const [old, other] = await world.open({ aliases: ['TRUC.CU2'] }, {})
  const documentId = world.newId(MINISTRY)
  const sent = await world.send(MINISTRY, { from: MINISTRY, to: ['TRUC.CU2'], documentId })
  await reassign('TRUC.CU2', old!, other!)
  const business = { operation: 'update' as const, documentId: edxmlDocumentId(documentId) }
  const packet = { from: MINISTRY, to: ['TRUC.CU2'], documentId, business }
  const updated = await world.send(MINISTRY, packet)
  t.match([updated.recipients, updated.withdrawn], [[{ agency: old }], [{ agency: old }]])
  t.equal(updated.recipients.length, 1)
  t.equal(sent.recipients.length, 1)
})

t.test('a status by such a spelling of the sender goes to who sent the document', async (t) => {
  const [author, other] = await world.open({ aliases: ['TRUC.CU3'] }, {})
  const documentId = world.newId(author!)
  const sent = await world.send(author!, { from: 'TRUC.CU3', to: [MINISTRY], documentId })
  await gateway.deliverDue()
  const delivery = await world.take(MINISTRY, sent.document)
  await reassign('TRUC.CU3', author!, other!)
  const packet = statusPacket({ from: MINISTRY, to: 'TRUC.CU3', documentId, code: '03' })
  const { claims } = await gateway.submit(MINISTRY, packet)
  t.match(claims.recipients, [{ agency: author }])
  t.match(await findDelivery(pool, delivery), { processingStatus: '03' })
})
