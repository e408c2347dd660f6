import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { axisDoorCheck } from '../../../src/cli/doctor-axis-door.ts'
import { connectorChecks } from '../../../src/cli/doctor-connectors.ts'
import { guardedFilesCheck } from '../../../src/cli/doctor-files.ts'
import { guardedFiles } from '../../../src/config/secret-files.ts'
import type { Connector } from '../../../src/domain/axis/connector.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { answers, fakeExchange, SECRET, writes } from '../axis/fake-exchange.ts'

const DAY = 86_400_000

const pair = (profile: 'tls-server' | 'tls-client', days: number, from = -1) => {
  const { key, certificateChain } = issue({
    subject: [[NAME.commonName, `${profile} ${days}`]],
    profile,
    key: 'p256',
    hosts: ['localhost'],
    notBefore: new Date(Date.now() + from * DAY),
    notAfter: new Date(Date.now() + days * DAY),
  })
  return {
    certificate: certificateChain.map(({ x509 }) => x509.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** What is said of one exchange: of its server, and of the account there. */
async function findings(url: string, more: Partial<Connector> = {}) {
  const connector: Connector = {
    name: 'truc-thu',
    channel: 'national-axis',
    gateway: null,
    url,
    systemId: 'TRAM',
    secret: SECRET,
    addsTraceHeader: false,
    pollSeconds: 60,
    timeoutMs: 60_000,
    authorities: null,
    clientCertificate: null,
    ...more,
  }
  const checks = connectorChecks({ traceId: 'H90', home: [agencyCode('H90')], all: [connector] })
  const [server, account] = await Promise.all(checks.map(({ look }) => look()))
  return { server, account }
}

t.test('an exchange that answers, over TLS', async (t) => {
  const theirs = pair('tls-server', 200)
  const axis = await fakeExchange(t, { cert: theirs.certificate, key: theirs.key })
  axis.behaves = answers({ count: 17 })
  const { server, account } = await findings(axis.url, { authorities: theirs.certificate })
  t.match(server, { outcome: 'ok', detail: /\(199 days\): CN=tls-server 200; its clock is \d s / })
  t.match(account, { outcome: 'ok', detail: '17 documents wait there' })
  const unsigned = axis.seen.filter(({ headers }) => headers === undefined)
  t.equal(unsigned.length, 1, 'the look at the server shows it no signature')
  t.match(await findings(axis.url), {
    server: { outcome: 'failed', detail: /its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/ },
    account: { outcome: 'warning', detail: /cannot be reached: .*self-signed certificate/ },
  })
  const ending = pair('tls-client', 9)
  const own = await findings(axis.url, { authorities: theirs.certificate, clientCertificate: ending })
  t.match(own.server, { outcome: 'warning', detail: /2 read; .*\(8 days\): CN=tls-client 9/ })
})

t.test('a clock that is wrong, and an account that is refused', async (t) => {
  const axis = await fakeExchange(t)
  const after = (seconds: number) => ({ date: new Date(Date.now() + seconds * 1_000).toUTCString() })
  const said = JSON.stringify({ status: 'FAIL', ErrorCode: '15', ErrorDesc: 'sai SystemId', data: '' })
  axis.behaves = writes(said, 200, after(-600))
  t.match(await findings(axis.url), {
    server: { outcome: 'warning', detail: /without TLS; its clock is \d+ s behind this machine's/ },
    account: { outcome: 'failed', detail: 'it refuses TRAM: 15 sai SystemId' },
  })
  axis.behaves = writes(said, 200, after(2 * 86_400))
  t.match((await findings(axis.url)).server, { outcome: 'failed', detail: /ahead of this machine's/ })
})

t.test('one that does not count, and lists agencies', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = (response, seen) =>
    seen.path?.endsWith('/getAgenciesList')
      ? answers({ data: [{ id: '1', pid: '', code: 'H90', name: 'Tỉnh', mail: '' }] })(response, seen)
      : writes('{"status":"FAIL","ErrorCode":"20","ErrorDesc":"no such operation"}')(response, seen)
  t.match((await findings(axis.url)).account, { outcome: 'ok', detail: 'it lists 1 agencies' })
})

t.test('a server of another kind', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = writes('{"status":"UP"}')
  t.match((await findings(axis.url)).account, {
    outcome: 'failed',
    detail: /not those of the axis interface/,
  })
})

t.test('one that is away is warned of: documents wait for it', async (t) => {
  const away = await findings('http://127.0.0.1:1/xrdvxp')
  t.match(away, {
    server: { outcome: 'warning', detail: /ECONNREFUSED.*what is for it waits/ },
    account: { outcome: 'warning', detail: /cannot be reached/ },
  })
  const axis = await fakeExchange(t)
  axis.behaves = writes('<html>Bad gateway</html>', 502)
  t.match((await findings(axis.url)).account, { outcome: 'warning' })
})

t.test('the axis door: closed, behind a proxy, with certificates that end', async (t) => {
  const door = (tls: object | null, url: string | null = null) =>
    axisDoorCheck({
      axis: { host: '', port: 8090, url, tls: tls as never, rateLimit: 1, writesTrace: false },
    }).look()
  t.match(await axisDoorCheck({ axis: null }).look(), { outcome: 'ok', detail: /closed/ })
  t.match(await door(null, 'https://truc.example.vn'), {
    outcome: 'ok',
    detail: /TLS ends before it, as https/,
  })
  const server = pair('tls-server', 200)
  const authority = pair('tls-client', 5).certificate
  t.match(await door({ ...server, clientCa: null }), { outcome: 'ok', detail: /port 8090, no client cert/ })
  t.match(await door({ ...server, clientCa: authority }), {
    outcome: 'warning',
    detail: /2 read.*tls-client 5/,
  })
  t.match(await door({ ...pair('tls-server', -0.5, -2), clientCa: null }), { outcome: 'failed' })
  t.match(await door({ ...pair('tls-server', 100, 2), clientCa: null }), {
    outcome: 'failed',
    detail: /not before \d{4}-/,
  })
  await t.rejects(door({ ...server, key: pair('tls-server', 9).key, clientCa: null }), /key/)
})

t.test('secrets that others can read, and a file of connectors that others can write', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'secrets'))
  const connectors = join(folder, 'connectors.json')
  const files = { secret: join(folder, 'secrets/axis'), token: join(folder, 'token.pem'), connectors }
  const entry = { name: 'truc-thu', secretFile: 'secrets/axis' }
  await writeFile(connectors, JSON.stringify({ connectors: [entry] }))
  for (const path of [files.secret, files.token]) await writeFile(path, 'bí mật')
  const environment = { TRAM_CONNECTORS: connectors, TRAM_TOKEN_KEY: files.token, TRAM_SEAL_KEY: 'pkcs11:x' }
  const look = async (modes: Partial<Record<keyof typeof files, number>>, isProduction = true) => {
    for (const [name, path] of Object.entries(files))
      await chmod(path, modes[name as keyof typeof files] ?? (name === 'connectors' ? 0o644 : 0o600))
    return guardedFilesCheck(guardedFiles(['api', 'worker'], environment), isProduction).look()
  }
  t.same(await look({}), { outcome: 'ok', detail: "3 looked at: nobody else's" })
  t.match(await look({ secret: 0o644 }), {
    outcome: 'failed',
    detail: `open to others: truc-thu.secretFile ${files.secret} (0644, reading by everybody)`,
  })
  t.match(await look({ secret: 0o644 }, false), { outcome: 'warning' })
  t.match(await look({ token: 0o640 }), { outcome: 'warning', detail: /TRAM_TOKEN_KEY .*reading by group/ })
  t.match(await look({ connectors: 0o666 }), {
    outcome: 'failed',
    detail: /TRAM_CONNECTORS .*writing by every/,
  })
  t.same(guardedFiles(['migrate'], { TRAM_TOKEN_KEY: files.token }), [])
})
