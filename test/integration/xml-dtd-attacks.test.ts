import { lookup } from 'node:dns/promises'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { addressTrap } from '../fakes/address-trap.ts'
import { agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { waitFor } from '../support/wait-for.ts'
import { watchOutbound } from '../support/watch-outbound.ts'
import { leastWorkTime } from '../support/work-time.ts'

/*
 * XML that wants to be expanded, to read files and to call others, sent to the door where packets come in. Each is sent
 * as it is, and once more with every host in it replaced by an address of this machine that listens.
 */
const OURS = new URL('../vectors/invalid/dtd/', import.meta.url)
const CORPUS = '../shared/corpora/xml-dtd-attacks/'
const MILLISECONDS = 100
const WAITING_MS = 5_000
const MEBIBYTE = 1024 * 1024

interface Attack {
  readonly name: string
  readonly bytes: Buffer
}

const ours = (): Attack[] =>
  readdirSync(OURS).map((name) => ({ name, bytes: readFileSync(new URL(name, OURS)) }))

function theirs(): Attack[] {
  const { cases } = JSON.parse(readFileSync(`${CORPUS}cases.json`, 'utf8')) as {
    cases: { id: string; file: string }[]
  }
  return cases.map(({ id, file }) => ({ name: id, bytes: readFileSync(CORPUS + file) }))
}

/** In UTF-16 a host is left as it is. */
const aimedAt = ({ name, bytes }: Attack, port: number): Attack => ({
  name: `${name}, aimed`,
  bytes: Buffer.from(
    bytes.toString('latin1').replace(/\b(?:https?|ftp|gopher):\/\/[^/"'\s<>]+/g, `http://127.0.0.1:${port}`),
    'latin1',
  ),
})

t.test('attacks by DTDs, entities and inclusions', async (t) => {
  const gateway = await testGateway(t)
  const { system, served } = await agencyDoor(t, gateway, ['G90'])
  const ministry = system('G90')
  const trap = await addressTrap(t)
  const databasePort = Number(new URL(gateway.api.config.databaseUrl).port || 5432)
  const allowed = [Number(new URL(served.url).port), databasePort]

  /** What it costs who asks and who answers, both in this process. */
  const answerTo = async ({ bytes }: Attack) => {
    const { result, cpu, wall } = await leastWorkTime(MILLISECONDS, () =>
      ministry('POST', '/documents', { body: bytes, type: 'application/xml' }),
    )
    // Nor does anybody wait for what is named in it.
    return { status: result.status, milliseconds: wall > WAITING_MS ? wall : cpu }
  }

  const attackWith = async (t: Test, attacks: readonly Attack[]) => {
    await answerTo(attacks[0]!)
    const before = process.memoryUsage().rss
    const outbound = watchOutbound(allowed)
    let slowest = 0
    for (const attack of attacks.flatMap((one) => [one, aimedAt(one, trap.port)])) {
      const { status, milliseconds } = await answerTo(attack)
      slowest = Math.max(slowest, milliseconds)
      if (status < 400 || status > 499) t.fail(`${attack.name}: ${status}`)
      if (milliseconds > MILLISECONDS) t.fail(`${attack.name}: ${milliseconds} ms`)
    }
    const found = outbound.found()
    outbound.stop()
    const growth = (process.memoryUsage().rss - before) / MEBIBYTE
    t.same(found, [], 'nobody was called, looked up or started')
    t.same(trap.reached, [], 'nobody came to the trap')
    t.ok(growth < 64, `memory grew by ${growth.toFixed(1)} MiB`)
    t.comment(
      `${attacks.length} files, each twice: slowest ${slowest.toFixed(1)} ms, ${growth.toFixed(1)} MiB`,
    )
    const { rows } = await gateway.api.pool.query('select from document')
    t.equal(rows.length, 0, 'nothing was taken in')
  }

  await t.test('of our own', (t) => attackWith(t, ours()))
  const skip = existsSync(CORPUS) ? false : `there is no ${CORPUS}`
  await t.test('of others', { skip }, (t) => attackWith(t, theirs()))

  await t.test('the watch sees who is called', async (t) => {
    const outbound = watchOutbound(allowed)
    await lookup('nobody.invalid').catch(() => undefined)
    const socket = connect(trap.port, '127.0.0.1')
    await waitFor(async () => trap.reached.length > 0)
    t.same(outbound.found(), ['socket to 127.0.0.1', 'nobody.invalid'])
    socket.destroy()
    outbound.stop()
  })
})
