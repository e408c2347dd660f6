import { type Checker, type Client, itemsOf } from '../check.ts'
import { type Expected, OK, refused } from '../judge.ts'
import { anyFile, EDOC, FROM_MINISTRY, letter } from './packets.ts'

const NOBODYS = '01a20220-01ea-7269-9bb7-baf32dc555ca'
/** A client takes any bytes for the file: what cannot be given is an empty body, and its own code 100. */
const NO_FILE: Expected = { status: 'FAIL', ErrorCode: '100' }

/** Every operation, as one that is refused; headers that go with each are of no consequence. */
async function everyOperation(
  client: Client,
  what: string,
  expected: Expected,
  files: { readonly packet: string; readonly folder: string },
  but: readonly string[] = [],
): Promise<void> {
  const one = { docId: NOBODYS, status: 'done', AgencyCode: 'H90.32', filePath: files.folder }
  const calls: Readonly<Record<string, readonly [headers: object, second?: string]>> = {
    getAgenciesList: [{}],
    getAgenciesListQD20: [{ level: '1' }],
    getSynchronizeUnit: [{}],
    registerAgency: [{}, '{"code":"H90.51","name":"Xã","pcode":"H90"}'],
    deleteAgency: [one],
    getReceivedEdocList: [EDOC],
    getSentEdocList: [EDOC],
    sendEdoc: [FROM_MINISTRY, files.packet],
    getEdoc: [one],
    updateStatus: [one],
    countReceiveEdoc: [EDOC],
    countReceiveStatus: [{}],
    downloadEdoc: [one],
  }
  for (const [operation, [headers, second]] of Object.entries(calls)) {
    if (but.includes(operation)) continue
    await client.check(
      what,
      operation,
      { ...headers },
      operation === 'downloadEdoc' ? NO_FILE : expected,
      second,
    )
  }
}

/** Requests of somebody unknown, or of somebody whose clock is wrong. */
export async function strangerSteps({ open, world }: Checker): Promise<void> {
  const files = { packet: (await letter(world, ['H91'])).path, folder: `${world.folder}/store` }
  const wrong = await open('dms.ministry', { secret: 'một bí mật khác' })
  await everyOperation(wrong, 'a wrong secret', refused('15', 'client-invalid'), files)
  const old = await open('dms.ministry')
  world.skewHours = 20
  await old.check('started 20 hours ago', 'getReceivedEdocList', EDOC, OK)
  world.skewHours = 30
  const tooOld = { ...refused('15', 'client-invalid'), ErrorDesc: /khởi động lại hệ thống gọi/ }
  await old.check('started 30 hours ago', 'getReceivedEdocList', EDOC, tooOld)
  await old.check('started 30 hours ago', 'sendEdoc', FROM_MINISTRY, { ...tooOld, DocId: '' }, files.packet)
  world.skewHours = 0
}

/** Packets that are no good, and packets that are not there. */
export async function packetSteps({ open, world }: Checker): Promise<void> {
  const client = await open('dms.ministry')
  const send = async (what: string, code: string, problem: string, path: string, from = 'G90') => {
    const expected = refused(code, problem, { DocId: '' })
    await client.check(what, 'sendEdoc', { ...FROM_MINISTRY, from }, expected, path)
  }
  await send('a foreign sender', '19', 'sender-mismatch', (await letter(world, ['H90'])).path, 'H91')
  await send(
    "somebody else's packet",
    '19',
    'sender-mismatch',
    (await letter(world, ['H90'], { from: 'H91' })).path,
  )
  await send('an unknown recipient', '18', 'recipients-unresolvable', (await letter(world, ['H99'])).path)
  await send(
    'no XML',
    '22',
    'packet-malformed',
    (await anyFile(world, Buffer.from('Kính gửi: Quý cơ quan'))).path,
  )
  await send('XML of another kind', '22', 'packet-invalid', (await anyFile(world, Buffer.from('<a/>'))).path)
  await send('an empty file', '22', 'packet-malformed', (await anyFile(world, Buffer.alloc(0))).path)
  const known = refused('21', 'not-found')
  const one = { docId: NOBODYS, filePath: `${world.folder}/store` }
  await client.check('an unknown number', 'getEdoc', one, known)
  await client.check('an unknown number', 'updateStatus', { ...one, status: 'done' }, known)
  await client.check('an unknown number', 'downloadEdoc', one, NO_FILE)
  await client.check('a number that is none', 'getEdoc', { docId: '2026/11/20' }, known)
  await (await open('dms.city')).check(
    "somebody else's",
    'getSentEdocList',
    { ...EDOC, docId: NOBODYS },
    {
      ...OK,
      data: (data) => itemsOf({ data }).length === 0,
    },
  )
}

/** One request too many: each operation at the door that has little patience. */
export async function limiterSteps({ open, world }: Checker): Promise<void> {
  const files = { packet: (await letter(world, ['H91'])).path, folder: `${world.folder}/store` }
  const client = await open('dms.province', { door: 'limited' })
  for (const what of ['in time', 'in time', 'in time'])
    await client.check(what, 'getReceivedEdocList', EDOC, OK)
  await everyOperation(client, 'one too many', refused('20', 'rate-limited'), files)
}

/** Last: the database goes away, and the directory that is in memory with nobody to renew it. */
export async function databaseSteps({ open, world }: Checker): Promise<void> {
  const files = { packet: (await letter(world, ['H91'])).path, folder: `${world.folder}/store` }
  const client = await open('dms.ministry')
  await client.check('before the database goes', 'getReceivedEdocList', EDOC, OK)
  await world.stopDatabase()
  const fromMemory = ['getAgenciesList', 'getAgenciesListQD20', 'getSynchronizeUnit']
  const rightFirst = ['registerAgency', 'deleteAgency']
  const gone = refused('20', 'database-unavailable')
  await everyOperation(client, 'no database', gone, files, [...fromMemory, ...rightFirst])
  for (const operation of fromMemory) await client.check('no database', operation, {}, { status: /OK|FAIL/ })
}
