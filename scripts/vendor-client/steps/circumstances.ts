import { type Checker, type Client, itemsOf } from '../check.ts'
import { OK, refused } from '../judge.ts'
import { EDOC, FROM_MINISTRY, letter, NUMBER } from './packets.ts'

const LARGE_BYTES = 30 * 1024 * 1024

/** A packet of 30 MB, and all operations over TLS with a CA of our own. */
export async function circumstanceSteps(checker: Checker): Promise<void> {
  const { open, world } = checker
  const bytes = Buffer.alloc((LARGE_BYTES / 4) * 3, 'Văn bản điện tử. ')
  const attachments = [{ name: 'Bản vẽ quy hoạch.pdf', type: 'application/pdf', bytes }]
  await pass(checker, 'plain', await letter(world, ['H91'], { attachments }), '30 MB')
  await pass(checker, 'tls', await letter(world, ['H91']), 'TLS')
  const client = await open('dms.city', { door: 'tls' })
  await client.check('TLS', 'getAgenciesList', {}, OK)
  await client.check('TLS', 'registerAgency', {}, { status: 'FAIL', ErrorCode: '15' }, '{}')
  await spelling(checker)
}

type Door = 'plain' | 'tls'
type Packet = Awaited<ReturnType<typeof letter>>

async function pass({ open, world }: Checker, door: Door, file: Packet, what: string): Promise<void> {
  const [ministry, city] = [await open('dms.ministry', { door }), await open('dms.city', { door })]
  await ministry.check(what, 'sendEdoc', FROM_MINISTRY, { ...OK, DocId: NUMBER }, file.path)
  await world.gateway.deliverDue()
  const docId = await newest(city, what)
  const headers = { docId, filePath: `${world.folder}/store` }
  await city.check(what, 'getEdoc', headers, { ...OK, data: file.sha256, file: file.sha256 })
  // The client writes what it downloads byte by byte: it takes minutes for a large file.
  if (door === 'tls')
    await city.check(what, 'downloadEdoc', headers, { status: 'SUCCESS', ErrorCode: '0', file: file.sha256 })
  await city.check(what, 'updateStatus', { docId, status: 'done' }, OK)
}

async function newest(city: Client, what: string): Promise<string> {
  const list = await city.check(what, 'getReceivedEdocList', EDOC, OK)
  const item = itemsOf(list).at(-1)
  if (item === undefined) throw new Error('nothing is listed')
  return item.docId
}

/** The vendor's own example writes `docid` in one place and `docId` in others. */
async function spelling({ open, world }: Checker): Promise<void> {
  const [ministry, city] = [await open('dms.ministry'), await open('dms.city')]
  const file = await letter(world, ['H91'])
  await ministry.check('a document', 'sendEdoc', FROM_MINISTRY, OK, file.path)
  await world.gateway.deliverDue()
  const docId = await newest(city, 'a document is listed')
  const headers = { docid: docId, filePath: `${world.folder}/store` }
  const other = await open('dms.city')
  await other.check('docid', 'getEdoc', headers, OK)
  await other.check('docid', 'updateStatus', { docid: docId, status: 'processing' }, OK)
  // Two headers that HTTP takes for one: nobody could say which document is meant.
  const both = refused('15', 'client-invalid')
  await other.check('docid and docId at once', 'updateStatus', { docId, status: 'done' }, both)
  await city.check('docId', 'getEdoc', { docId }, OK)
  // The client signs what it was given, and sends question marks.
  const folder = `${world.folder}/văn bản đến`
  const spoilt = { ...both, ErrorDesc: /giá trị chứa dấu tiếng Việt/ }
  const another = await open('dms.city')
  await another.check('a folder with diacritics', 'getEdoc', { docId, filePath: folder }, spoilt)
  await city.check('done', 'updateStatus', { docId, status: 'done' }, OK)
}
