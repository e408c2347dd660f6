import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { axisDoor } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// docs/how-to/axis-client.mjs, with which people try a connection, against the door that it is written for.
const gateway = await testGateway(t)
const door = await axisDoor(t, gateway, {
  systems: [
    { systemId: 'dms.ministry', serves: ['G90'] },
    { systemId: 'dms.province', serves: ['H90'], rights: ['register-agencies'] },
  ],
})
const folder = await temporaryFolder(t)
const SCRIPT = join(import.meta.dirname, '../../docs/how-to/axis-client.mjs')

interface Run {
  readonly code: number
  readonly out: Buffer
  readonly told: string
}

const run = (system: string, args: readonly string[], axis = `http://127.0.0.1:${door.port}/axis`) =>
  new Promise<Run>((resolve) => {
    const env = { ...process.env, AXIS: axis, SYSTEM: system, SECRET: 'test-secret' }
    const child = execFile(process.execPath, [SCRIPT, ...args], { env, encoding: 'buffer' }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, told: err.toString() }),
    )
  })
const answerOf = ({ out }: Run) => JSON.parse(out.toString())

async function sent(number: number): Promise<{ packet: Uint8Array; docId: string }> {
  const packet = await documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId: `G90,2026/11/20,${number}/BTN`,
  })
  await writeFile(join(folder, 'p.edxml'), packet)
  const answer = await run('dms.ministry', ['sendEdoc', 'from=G90', `@${join(folder, 'p.edxml')}`])
  t.match(answerOf(answer), { status: 'OK', DocId: /^[0-9a-f-]{36}$/ })
  await gateway.deliverDue()
  const { data } = answerOf(await run('dms.province', ['getReceivedEdocList', 'messagetype=edoc']))
  return { packet, docId: data.at(-1).docId }
}

t.test('a packet goes there and comes back as it was', async (t) => {
  const { packet, docId } = await sent(1)
  for (const operation of ['getEdoc', 'downloadEdoc']) {
    const { code, out } = await run('dms.province', [operation, `docId=${docId}`])
    t.equal(code, 0)
    t.ok(out.equals(packet), operation)
  }
})

t.test('what stands in a header is in the language of those who read it', async (t) => {
  const { docId } = await sent(2)
  await run('dms.province', ['getEdoc', `docId=${docId}`])
  const told = await run('dms.province', [
    'updateStatus',
    `docId=${docId}`,
    'status=fail',
    'description=Lỗi ổ đĩa',
  ])
  t.match(answerOf(told), { status: 'OK' })
  const { data } = answerOf(await run('dms.ministry', ['getSentEdocList']))
  t.match(data[0], { receiveStatus: 'fail', receiveStatusDesc: 'Lỗi ổ đĩa' })
})

t.test('an agency is named by a file of JSON', async (t) => {
  await writeFile(join(folder, 'a.json'), JSON.stringify({ code: 'H90.77', pcode: 'H90', name: 'Xã Mới' }))
  const answer = await run('dms.province', ['registerAgency', `@${join(folder, 'a.json')}`])
  t.match(answerOf(answer), { status: 'OK', ErrorDesc: /draft/ })
})

t.test('what goes wrong is told, and ends with another code than 0', async (t) => {
  t.match(await run('dms.province', ['downloadEdoc', 'docId=nothing']), { code: 1, told: /getEdoc/ })
  const refused = await run('dms.province', ['getEdoc', 'docId=nothing'])
  t.equal(refused.code, 1)
  t.match(answerOf(refused), { status: 'FAIL', ErrorCode: '21' })

  const proxy = createServer((_, response) => response.writeHead(502).end('<html>Bad Gateway</html>'))
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => proxy.close())
  const address = proxy.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  t.match(await run('dms.province', ['countReceiveStatus'], url), { code: 1, told: /HTTP 502.*<html>/ })
})
