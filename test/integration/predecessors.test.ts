import t from 'tap'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { recordFacts, setLifetime } from '../support/record-facts.ts'
import { CLOSED_ON, successionWorld } from '../support/succession-world.ts'

const MINISTRY = 'G90'
const gateway = await testGateway(t)
const { pool } = gateway.api
const world = successionWorld(gateway)
const [first, second, heir, split, part, other] = await world.open(
  { name: 'Huyện Một' },
  { name: 'Huyện Hai' },
  { name: 'Phường Mới' },
  { name: 'Sở Cũ' },
  { name: 'Sở Nhận tờ trình' },
  { name: 'Xã Khác' },
)
const send = async (from: string, to: string) =>
  (await world.send(from, { from, to: [to], documentId: world.newId(from) })).document

const sent = [await send(first!, MINISTRY), await send(second!, MINISTRY), await send(heir!, MINISTRY)]
await send(split!, MINISTRY)
await send(other!, MINISTRY)
const received = [await send(MINISTRY, first!), await send(MINISTRY, second!), await send(MINISTRY, heir!)]
await send(MINISTRY, split!)
await send(MINISTRY, other!)
await gateway.deliverDue()
await world.take(first!, received[0]!)
// One merged into another, which was given another code later; a third was split between two, one of them the main heir.
await world.close(first!, second)
await world.close(second!, heir)
await setLifetime(pool, split!, CLOSED_ON)
await recordFacts(pool, [
  {
    subject: agencyCode(split!),
    kind: 'succession',
    value: {
      act: 'split',
      heirs: [
        { code: agencyCode(heir!) },
        { code: agencyCode(part!), documentTypes: ['Công văn', 'Tờ trình'] },
      ],
      main: agencyCode(heir!),
      whenAddressed: 'redirect',
      whenInFlight: 'keep',
      basis: null,
    },
    validFrom: CLOSED_ON,
    validTo: null,
  },
])
const door = await agencyDoor(t, gateway, [heir!, part!, other!, first!])
const answered = async (agency: string, path: string) => (await door.system(agency)('GET', path)).body

/** All pages, two items each. */
async function all(agency: string, path: string) {
  const items = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof answered>> = await answered(
      agency,
      `${path}&limit=2${cursor && `&cursor=${cursor}`}`,
    )
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}
const documents = async (agency: string, path: string) =>
  (await all(agency, path)).map(({ documentId }) => documentId)

t.test('a list shows what the agency itself sent or was sent, unless more is asked for', async (t) => {
  t.same(await documents(heir!, '/documents?'), [sent[2]])
  t.same(await documents(heir!, '/received?'), [received[2]])
  t.same(await documents(heir!, '/received?predecessors=false'), [received[2]])
})

t.test('a successor sees what those sent and were sent from whom it took over altogether', async (t) => {
  const ours = await all(heir!, '/documents?predecessors=true')
  t.same(new Set(ours.map(({ documentId }) => documentId)).size, 4)
  t.match(ours, [
    { senderName: 'Sở Cũ' },
    { documentId: sent[2], sender: heir },
    { documentId: sent[1], sender: second },
    { documentId: sent[0], sender: first, senderName: 'Huyện Một' },
  ])
  t.match(await all(heir!, '/received?predecessors=true'), [
    { recipient: split },
    { documentId: received[2], recipient: heir, state: 'available' },
    { documentId: received[1], recipient: second, recipientName: 'Huyện Hai' },
    { documentId: received[0], recipient: first, state: 'handed-over', sender: MINISTRY },
  ])
})

t.test('who took over but some kinds of document, or nothing, sees nothing of the rest', async (t) => {
  for (const agency of [part!, first!])
    for (const path of ['/documents', '/received']) {
      const own = await documents(agency, `${path}?`)
      t.same(await documents(agency, `${path}?predecessors=true`), own, `${agency} ${path}`)
    }
  t.equal((await documents(other!, '/received?predecessors=true')).length, 1)
  t.equal((await door.system(other!)('GET', '/received?predecessors=maybe')).status, 422)
  t.equal((await door.system(other!)('GET', `/received?agency=${first}`)).status, 403)
})

t.test('nor a document of another kind by its id', async (t) => {
  await setLifetime(pool, split!, null)
  const letter = { from: split!, to: [MINISTRY] }
  const sentOf = async (typeName: string) =>
    (await world.send(split!, { ...letter, documentId: world.newId(split!), typeName })).document
  const [ours, theirs] = [await sentOf('Tờ trình'), await sentOf('Báo cáo')]
  await setLifetime(pool, split!, CLOSED_ON)
  const status = async (agency: string, document: string, rest = '') =>
    (await door.system(agency)('GET', `/documents/${document}${rest}`)).status
  for (const rest of ['', '/timeline', '/packet']) {
    t.equal(await status(part!, ours, rest), 200, `its kind ${rest}`)
    t.equal(await status(part!, theirs, rest), 404, `another kind ${rest}`)
    t.equal(await status(heir!, ours, rest), 200)
    t.equal(await status(heir!, theirs, rest), 200)
  }
  t.equal(
    (await door.system(part!)('POST', `/documents/${theirs}/recall`, { body: { reason: 'x' } })).status,
    404,
  )
})

t.test('what was withdrawn, or has not arrived, is not in the list', async (t) => {
  await send(MINISTRY, other!)
  t.equal((await documents(other!, '/received?')).length, 1)
  await pool.query(
    `update delivery set state = 'withdrawn', next_attempt_at = null where recipient_code = $1`,
    [other],
  )
  t.same(await documents(other!, '/received?'), [])
})
