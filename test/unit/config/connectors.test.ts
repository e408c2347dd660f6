import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readConnectors } from '../../../src/config/connectors.ts'
import { connectorFor, usableWith } from '../../../src/domain/axis/connector.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folder = await temporaryFolder(t)
await mkdir(join(folder, 'secrets'))
await writeFile(join(folder, 'secrets/axis'), 'bí mật\n')
await writeFile(join(folder, 'secrets/empty'), '\n')
await writeFile(join(folder, 'secrets/not-a-key'), 'PEM')

const AXIS = {
  name: 'national-axis',
  channel: 'national-axis',
  url: 'https://truc.example.vn/any/prefix/',
  systemId: 'T',
  secretFile: 'secrets/axis',
}
const PEER = { ...AXIS, name: 'central', channel: 'gateway', gateway: 'G90' }
const file = (...connectors: readonly object[]) => ({ traceId: '000.00.00.H90', home: ['H90'], connectors })

let serial = 0
async function read(content: unknown, options: { secrets?: boolean; allowHttp?: boolean } = {}) {
  const path = join(folder, `${++serial}.json`)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  const faults: string[] = []
  const connectors = readConnectors(path, { secrets: true, allowHttp: false, faults, ...options })
  return { connectors, faults }
}

t.test('a file of two exchanges', async (t) => {
  const { connectors, faults } = await read(file({ ...AXIS, addsTraceHeader: true }, PEER))
  t.same(faults, [])
  t.match(connectors, {
    traceId: '000.00.00.H90',
    home: ['H90'],
    all: [
      {
        name: 'national-axis',
        gateway: null,
        url: 'https://truc.example.vn/any/prefix',
        secret: 'bí mật',
        addsTraceHeader: true,
        pollSeconds: 60,
        timeoutMs: 60_000,
      },
      { name: 'central', gateway: 'G90', addsTraceHeader: false, authorities: null, clientCertificate: null },
    ],
  })
  const usable = usableWith(connectors)
  t.ok(usable.has('mailbox') && usable.has('https-push') && usable.has('national-axis', 'G91'))
  t.same(
    [usable.has('gateway'), usable.has('gateway', 'G90'), usable.has('gateway', 'G91')],
    [true, true, false],
    'each gateway by itself',
  )
  t.equal(connectorFor(connectors, 'gateway', undefined), undefined)
  t.equal(connectorFor(connectors, 'national-axis', 'G90')?.name, 'national-axis')
  t.same(
    ['national-axis', 'gateway'].map((one) => usableWith(null).has(one as 'gateway')),
    [false, false],
  )
})

t.test('every fault is told, each by its name, and no secret', async (t) => {
  const wrong: readonly [string, unknown, RegExp][] = [
    ['no JSON', '{', /is no JSON/],
    ['unknown field', file({ ...AXIS, secret: 'geheim' }), /connectors\/0 .*secret/],
    ['no home', { ...file(AXIS), home: [] }, /home/],
    ['plain http', file({ ...AXIS, url: 'http://truc.example.vn' }), /url must be https/],
    ['no URL', file({ ...AXIS, url: 'truc' }), /url must be https/],
    ['a user in the URL', file({ ...AXIS, url: 'https://a:b@truc.example.vn' }), /no user/],
    ['two axes', file(AXIS, { ...AXIS, name: 'second' }), /one national axis/],
    ['one name twice', file(AXIS, { ...PEER, name: AXIS.name }), /two connectors are called national-axis/],
    ['two to one gateway', file(PEER, { ...PEER, name: 'b' }), /two connectors lead to the gateway of G90/],
    ['a gateway of nobody', file({ ...PEER, gateway: undefined }), /gateway is missing/],
    ['an axis of somebody', file({ ...AXIS, gateway: 'G90' }), /belongs to the channel gateway/],
    ['a gateway with TraceHeaders', file({ ...PEER, addsTraceHeader: true }), /as they are/],
    ['a secret that is not there', file({ ...AXIS, secretFile: 'nowhere' }), /nowhere cannot be read/],
    ['an empty secret', file({ ...AXIS, secretFile: 'secrets/empty' }), /is empty/],
    ['a certificate without key', file({ ...AXIS, certificateFile: 'secrets/axis' }), /go together/],
    [
      'a key that is none',
      file({ ...AXIS, certificateFile: 'secrets/not-a-key', keyFile: 'secrets/not-a-key' }),
      /cannot be used/,
    ],
  ]
  for (const [name, content, expected] of wrong) {
    const { connectors, faults } = await read(content)
    t.equal(connectors, null, name)
    t.match(faults.join('\n'), expected, name)
    t.notMatch(faults.join('\n'), /geheim|bí mật|a:b@/, `${name}: nothing secret`)
  }
  const { faults } = await read(
    file({ ...AXIS, url: 'http://a', secretFile: 'nowhere' }, { ...AXIS, url: 'x' }),
  )
  t.ok(faults.length >= 4, 'all at once')
})

t.test('development may be plain http; who only asks which there are reads no secret', async (t) => {
  const plain = file({ ...AXIS, url: 'http://127.0.0.1:1' })
  t.same((await read(plain, { allowHttp: true })).faults, [])
  const { connectors, faults } = await read(file({ ...AXIS, secretFile: 'nowhere' }), { secrets: false })
  t.same([faults, connectors?.all[0]?.secret], [[], ''])
})

t.test('the example in the how-to is one', async (t) => {
  const path = new URL('../../../docs/how-to/connectors.example.json', import.meta.url)
  t.same((await read(await readFile(path, 'utf8'), { secrets: false })).faults, [])
})
