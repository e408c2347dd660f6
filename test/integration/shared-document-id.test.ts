import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import { agencyCode, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { replacementOf, updateOf } from '../../src/intake/compose-change.ts'
import { recallDocument } from '../../src/intake/compose-recall.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { successionWorld } from '../support/succession-world.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const world = successionWorld(gateway)

t.test(
  'a successor that used the same DocumentId recalls the document that it names, not its own',
  async (t) => {
    const [old, heir, x, y] = await world.open({ name: 'Sở Cũ' }, { name: 'Sở Mới' }, {}, {})
    const documentId = '12/BTN-VP'
    const theirs = await world.send(old!, { from: old!, to: [x!], documentId })
    const own = await world.send(heir!, { from: heir!, to: [x!, y!], documentId })
    await world.close(old!, heir)
    const document = await findDocument(pool, theirs.document)
    if (document === undefined) throw new Error('no such document')
    const request = { document, agency: agencyCode(heir!), reason: 'Gửi nhầm' }
    const { recipients } = await recallDocument(gateway.api, { caller: callerOf(heir!) }, request)
    t.match(recipients, [{ agency: x, outcome: 'withdrawn' }])
    t.match(await world.deliveries(own.document), [
      { recipient: x, state: 'waiting' },
      { recipient: y, state: 'waiting' },
    ])
  },
)

t.test('a replacement under an id that a predecessor used too replaces its own document alone', async (t) => {
  const [old, heir, x] = await world.open({ name: 'Sở Cũ' }, { name: 'Sở Mới' }, {})
  const documentId = '13/BTN-VP'
  const theirs = await world.send(old!, { from: old!, to: [x!], documentId })
  const own = await world.send(heir!, { from: heir!, to: [x!], documentId })
  await world.close(old!, heir)
  const replacements = [{ documentId: edxmlDocumentId(documentId), organIds: [] }]
  const business = { operation: 'replace' as const, replacements }
  const packet = { from: heir!, to: [x!], documentId: world.newId(heir!), business }
  const { withdrawn } = await world.send(heir!, packet)
  t.same(withdrawn.length, 1)
  t.match(await world.deliveries(own.document), [{ state: 'withdrawn' }])
  t.match(await world.deliveries(theirs.document), [{ state: 'waiting' }])
})

t.test('an update of a predecessor’s document is refused where its id means another by now', async (t) => {
  const [old, heir, x] = await world.open({ name: 'Sở Cũ' }, { name: 'Sở Mới' }, {})
  const documentId = '14/BTN-VP'
  const theirs = await world.send(old!, { from: old!, to: [x!], documentId })
  await world.send(heir!, { from: heir!, to: [x!], documentId })
  await world.close(old!, heir)
  const document = await findDocument(pool, theirs.document)
  if (document === undefined) throw new Error('no such document')
  await t.rejects(updateOf(gateway.api, document, agencyCode(heir!)), { code: 'document-id-conflict' })
  await t.rejects(replacementOf(gateway.api, document, agencyCode(heir!)), { code: 'document-id-conflict' })
})
