import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
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
