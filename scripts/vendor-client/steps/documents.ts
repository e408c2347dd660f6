import { type Checker, type Client, type Item, itemsOf } from '../check.ts'
import { OK, refused } from '../judge.ts'
import { CIRCULAR, type World } from '../world.ts'
import { EDOC, FROM_MINISTRY, letter, NUMBER, type PacketFile, STATUS, SUBJECT, status } from './packets.ts'

const SENT = { ...OK, DocId: NUMBER }
const items = (count: number) => (data: unknown) => itemsOf({ data }).length === count

/** Documents and statuses on their whole way, by service objects that are made once and keep every header. */
export async function documentSteps({ open, world }: Checker): Promise<void> {
  const [ministry, city] = [await open('dms.ministry'), await open('dms.city')]
  const file = await letter(world, ['H91'])
  const docId = await send(ministry, world, file)
  const item = await listed(city, 'a document is listed', EDOC)
  await fetch(world, city, item, file)
  await confirm(city, item)
  await city.check('a document that is done is listed no more', 'getReceivedEdocList', EDOC, {
    ...OK,
    data: items(0),
  })

  const told = await status(world, file.documentId)
  await city.check('a status', 'sendEdoc', { from: 'H91', ...STATUS }, SENT, told.path)
  await world.gateway.deliverDue()
  await ministry.check('statuses are counted', 'countReceiveStatus', {}, { ...OK, count: 1 })
  const answer = await listed(ministry, 'a status is listed', STATUS)
  await fetch(world, ministry, answer, told)
  await confirm(ministry, answer)

  const sent = (data: unknown) =>
    itemsOf({ data }).some(
      (one) => one.title === SUBJECT && one.senderDocId === docId && one.receiveStatus === 'done',
    )
  await ministry.check('what was sent', 'getSentEdocList', { ...EDOC, docId }, { ...OK, data: sent })
  await (await open('dms.ministry')).check('all that was sent', 'getSentEdocList', EDOC, {
    ...OK,
    data: sent,
  })
  await circular(ministry, world)
}

async function send(ministry: Client, world: World, file: PacketFile): Promise<string> {
  const first = await ministry.check('a document', 'sendEdoc', FROM_MINISTRY, SENT, file.path)
  const docId = String(first?.DocId)
  const again = { ...SENT, DocId: docId }
  await ministry.check('the same file again', 'sendEdoc', FROM_MINISTRY, again, file.path)
  await ministry.check(
    'handed in for one recipient',
    'sendEdoc',
    { ...FROM_MINISTRY, to: ['H91'] },
    again,
    file.path,
  )
  await world.gateway.deliverDue()
  return docId
}

async function listed(client: Client, what: string, type: typeof EDOC | typeof STATUS): Promise<Item> {
  await client.check(what, 'getReceivedEdocList', type, { ...OK, data: items(1) })
  const again = await client.check('the same poll again', 'getReceivedEdocList', type, {
    ...OK,
    data: items(1),
  })
  await client.check(
    'by days',
    'getReceivedEdocList',
    { ...type, fromDate: '2020/01/01', toDate: '31/12/2099' },
    {
      ...OK,
      data: items(1),
    },
  )
  const [item] = itemsOf(again)
  if (item === undefined) throw new Error(`nothing is listed: ${what}`)
  return item
}

async function fetch(world: World, client: Client, { docId }: Item, { sha256 }: PacketFile): Promise<void> {
  const headers = { docId, filePath: `${world.folder}/store` }
  const whole = { data: sha256, file: sha256 }
  await client.check('byte for byte', 'getEdoc', headers, { ...OK, ...whole })
  await client.check('byte for byte', 'downloadEdoc', headers, {
    status: 'SUCCESS',
    ErrorCode: '0',
    file: sha256,
  })
}

async function confirm(client: Client, { docId }: Item): Promise<void> {
  for (const word of ['initial', 'processing', 'fail', 'PROCESSING'])
    await client.check(`status ${word}`, 'updateStatus', { docId, status: word }, OK)
  await client.check(
    'a status that there is not',
    'updateStatus',
    { docId, status: 'xong' },
    refused('10', 'request-invalid'),
  )
  for (const word of ['done', 'done'])
    await client.check(`status ${word}`, 'updateStatus', { docId, status: word }, OK)
}

/** 600 recipients: more than most servers take in headers. */
async function circular(ministry: Client, world: World): Promise<void> {
  const file = await letter(world, CIRCULAR)
  const headers = { ...FROM_MINISTRY, to: CIRCULAR }
  const what = `${CIRCULAR.length} recipients`
  const first = await ministry.check(what, 'sendEdoc', headers, SENT, file.path)
  const docId = String(first?.DocId)
  // From here on these headers go along with every call.
  await ministry.check(`headers of ${what} left over`, 'getReceivedEdocList', EDOC, OK)
  await ministry.check(what, 'getSentEdocList', { ...EDOC, docId }, { ...OK, data: items(CIRCULAR.length) })
}
