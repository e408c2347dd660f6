import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { claimFolder, DemoRunning } from '../../scripts/demo/claim.ts'
import { federatedInvitations, type Host } from '../../scripts/demo/federated/invitation.ts'
import { type Invitation, invitations } from '../../scripts/demo/invitation.ts'
import { onFreePort } from '../../scripts/demo/on-free-port.ts'
import { freePort } from '../../scripts/services/free-port.ts'
import { createClient } from '../../src/directory/clients.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, serveApp } from '../support/http-app.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
)

t.test('every line that the demo invites to try works', { skip: !hasCurl && 'no curl' }, async (t) => {
  const gateway = await testGateway(t)
  const served = await serveApp(t, gateway)
  const clientOf = async (agency: string) => {
    const clientId = `demo-${agency}`
    const facts = { clientId, role: 'agency', agency: agencyCode(agency), name: clientId } as const
    const { secret } = await createClient(gateway.api.pool, facts, 'test')
    return { clientId, clientSecret: secret ?? '' }
  }
  const operator = async (role: 'admin' | 'auditor') => ({
    clientId: role,
    clientSecret: await addClient(served.context, role, role),
  })
  const subject = 'V/v kết nối, liên thông văn bản điện tử'
  await gateway.submit('G90', await documentPacket({ from: 'G90', to: ['H90.31'], documentId: '1', subject }))
  await gateway.deliverDue()
  await gateway.submit('H90.31', statusPacket({ from: 'H90.31', to: 'G90', documentId: '1', code: '15' }))
  const invited = invitations({
    baseUrl: served.url,
    ministry: await clientOf('G90'),
    commune: await clientOf('H90.31'),
    communeCode: 'H90.31',
    admin: await operator('admin'),
    auditor: await operator('auditor'),
  })
  const answers = await tryAll(invited)
  t.equal(answers.length, 6)
  const [inbox, sent, health, found, reported, letter] = answers
  t.match(inbox, { items: [{ sender: 'G90', subject }] })
  t.match(sent, { items: [{ edxmlDocumentId: '1' }] })
  t.match(health, { queue: { kind: 'postgres' }, blobStore: { writable: true } })
  t.match(found, { items: [{ subject }] })
  t.match(reported, { items: [{ recipient: 'H90.31' }] })
  t.match(letter, { documentId: String, receipt: String, recipients: [{ agency: 'H90.31' }] })
})

t.test('so does every line of the demo of two gateways', { skip: !hasCurl && 'no curl' }, async (t) => {
  const gateway = await testGateway(t)
  const served = await serveApp(t, gateway)
  const { pool } = gateway.api
  const credentials = async (clientId: string, role: 'agency' | 'admin' | 'auditor', agency?: string) => {
    const facts = { clientId, role, agency: agency === undefined ? null : agencyCode(agency), name: clientId }
    const { secret } = await createClient(pool, facts, 'test')
    return { clientId, clientSecret: secret ?? '' }
  }
  const operators = {
    admin: await credentials('admin', 'admin'),
    auditor: await credentials('auditor', 'auditor'),
  }
  // One gateway is both: what goes between two is the matter of others.
  const host = async (agency: string): Promise<Host> => ({
    ...operators,
    baseUrl: served.url,
    environmentFile: '',
    agency,
    client: await credentials(`demo-${agency}`, 'agency', agency),
  })
  const [tokens, sending, looking] = federatedInvitations(await host('G90'), await host('H90.31'))
  t.match(await tryAll([tokens!, sending!]), [{ receipt: String, recipients: [{ agency: 'G90' }] }])
  await gateway.deliverDue()
  t.match(await tryAll([tokens!, looking!]), [
    { items: [{ subject: 'Thư thử' }] },
    { items: [{ sender: 'H90.31' }] },
    { items: [{ subject: 'Thư thử' }] },
    { exchanges: [] },
  ])
})

/** Runs the lines as one shell session; gives the answers of those that ask the gateway for something. */
async function tryAll(invited: readonly Invitation[]): Promise<unknown[]> {
  const lines = invited.flatMap(({ lines }) => lines)
  // An answer is one line of JSON; a refusal ends the session with its body.
  const script = lines.map((line) => `${line.replaceAll('curl -s ', 'curl -s --fail-with-body ')}; echo`)
  const { stdout } = await run('bash', ['-e', '-c', script.join('\n')], { cwd: ROOT })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

t.test('one demo a folder, while its process lives', async (t) => {
  const folder = await temporaryFolder(t)
  const release = await claimFolder(folder)
  await t.rejects(claimFolder(folder), new DemoRunning())
  t.match(new DemoRunning().message, /đang chạy.*already running/)
  await release()
  await (await claimFolder(folder))()

  const script = `import { claimFolder } from './scripts/demo/claim.ts'
    await claimFolder(process.argv[1])
    console.log('claimed')
    setInterval(() => undefined, 1000)`
  const args = ['--import', './scripts/strip-types.mjs', '--input-type=module', '-e', script, folder]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await t.rejects(claimFolder(folder), new DemoRunning())
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await claimFolder(folder))()
  await writeFile(join(folder, 'claim'), `${process.pid} 1`)
  await (await claimFolder(folder))()
})

t.test('a port that somebody else took is left to them', async (t) => {
  const preferred = await freePort()
  t.equal(await onFreePort(preferred, async (port) => port), preferred)

  const tried: number[] = []
  const quicker = async (port: number) => {
    tried.push(port)
    if (tried.length === 1) throw new Error(`listen EADDRINUSE: address already in use 127.0.0.1:${port}`)
    return port
  }
  t.not(await onFreePort(preferred, quicker), preferred)
  t.equal(tried[0], preferred)

  const holder = createServer().listen(preferred, '127.0.0.1')
  await once(holder, 'listening')
  t.teardown(() => holder.close())
  t.not(await onFreePort(preferred, async (port) => port), preferred)

  let attempts = 0
  const never = async () => {
    attempts += 1
    throw new Error('EADDRINUSE')
  }
  await t.rejects(onFreePort(preferred, never), /EADDRINUSE/, 'not for ever')
  t.equal(attempts, 5)
  const broken = async () => {
    attempts += 1
    throw new Error('no key')
  }
  await t.rejects(onFreePort(preferred, broken), /no key/)
  t.equal(attempts, 6, 'what is no matter of ports is not tried again')
})

t.test('options that cannot be meant are told before anything is started', async (t) => {
  const demo = (...args: string[]) =>
    run(process.execPath, ['--import', './scripts/strip-types.mjs', 'scripts/demo/main.ts', ...args], {
      cwd: ROOT,
    }).then(
      () => ({ code: 0, stderr: '' }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    )
  const absent = await demo('--packet', 'no-such.edxml')
  t.match(absent, {
    code: 2,
    stderr: /^Không đọc được tệp \/ The file cannot be read: no-such\.edxml \(ENOENT\)\n$/,
  })
  t.match(await demo('--packet', 'docs'), { code: 2, stderr: /docs \(not a file\)/ })
  t.match(await demo('--queue', 'kafka'), { code: 2, stderr: /--queue kafka\n\nnpm run demo/ })
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  for (const option of ['--once', '--packet FILE', '--queue postgres']) {
    t.ok(readme.includes(`npm run demo -- ${option}`), `the README tells of ${option}`)
  }
})
