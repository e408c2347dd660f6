import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { axisClient } from '../../src/axis/client.ts'
import type { AxisClient } from '../../src/axis/client-types.ts'
import { createAxisSystem } from '../../src/directory/axis-systems.ts'
import { agencyCode, sha256 } from '../../src/domain/identifiers.ts'
import { secretBox } from '../../src/sealing/secret-box.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { spawnTram } from '../support/spawn-tram.ts'

const MIB = 1024 * 1024
const PACKET_BYTES = Number(process.env.AXIS_PACKET_MIB ?? 48) * MIB

const gateway = await testGateway(t)
const { pool, config } = gateway.api
const box = secretBox(readFileSync(gateway.variables.TRAM_AXIS_SECRETS!, 'utf8').trim(), 'axis-secrets')
const api = await spawnTram(t, ['serve'], {
  ...gateway.variables,
  TRAM_LOG_LEVEL: 'info',
  TRAM_AXIS_PORT: '0',
})
const { url } = await api.waitForLog(({ msg }) => msg === 'axis door ready')

async function system(systemId: string, code: string): Promise<AxisClient> {
  const agency = agencyCode(code)
  const wish = {
    systemId,
    name: systemId,
    agency,
    serves: [{ code: agency, withBeneath: false }],
    rights: [],
    networks: [],
    certificateSha256: null,
    clockToleranceSeconds: 600,
  }
  const { secret } = await createAxisSystem(pool, box, wish, 'cli:test')
  const client = axisClient(
    {
      name: systemId,
      channel: 'national-axis',
      gateway: null,
      url: `${String(url)}/any/prefix`,
      systemId,
      secret,
      addsTraceHeader: false,
      pollSeconds: 60,
      timeoutMs: 300_000,
      authorities: null,
      clientCertificate: null,
    },
    { maxPacketBytes: 2 * PACKET_BYTES },
  )
  t.teardown(() => client.close())
  return client
}

/** From here on the peak is counted anew (proc(5), clear_refs). */
const forgetPeak = () => writeFileSync(`/proc/${api.pid}/clear_refs`, '5')
/** Bytes of memory that the process has had at most since then. */
const peak = (): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8'))![1]) * 1024

/** A packet with an attachment of many megabytes, which is never whole in memory here either. */
async function large(documentId: string, bytes: number) {
  const attachments = [
    { name: 'ban-ve.bin', type: 'application/octet-stream', bytes: Buffer.from('stand-in') },
  ]
  const packet = await documentPacket({ from: 'G90', to: ['H91'], documentId, attachments })
  const at = packet.indexOf(Buffer.from('stand-in').toString('base64'))
  const chunk = Buffer.from(Buffer.alloc(48 * 1024, documentId).toString('base64'))
  const chunks = Math.ceil(bytes / chunk.length)
  async function* content() {
    yield packet.subarray(0, at)
    for (let number = 0; number < chunks; number += 1) yield chunk
    yield packet.subarray(at + 12)
  }
  const hash = createHash('sha256')
  for await (const part of content()) hash.update(part)
  return {
    messageType: 'edoc' as const,
    from: 'G90',
    sha256: sha256(hash.digest('hex')),
    length: packet.length - 12 + chunks * chunk.length,
    content,
  }
}

t.test('large packets come out as they went in', { skip: process.platform !== 'linux' }, async (t) => {
  const [ministry, city] = [await system('dms.ministry', 'G90'), await system('dms.city', 'H91')]
  const pass = async (documentId: string, bytes: number) => {
    const packet = await large(documentId, bytes)
    const sent = await ministry.sendEdoc(packet)
    t.match(sent, { ok: true }, `${packet.length} bytes`)
    await gateway.deliverDue()
    const list = await city.getReceivedEdocList({ messageType: 'edoc' })
    if (!list.ok) throw new Error(list.failure.detail)
    const { docId } = list.value.items[0]!
    const fetched = await city.getEdoc(docId, async (content) => {
      const hash = createHash('sha256')
      for await (const part of content) hash.update(part)
      return hash.digest('hex')
    })
    t.match(fetched, { ok: true, value: { taken: packet.sha256 } }, 'and comes out as it went in')
    t.match(await city.updateStatus(docId, 'done'), { ok: true })
  }
  forgetPeak()
  await pass('G90-2026-small', 16 * MIB)
  t.comment(`16 MiB: ${(peak() / MIB).toFixed(0)} MiB at most`)
  forgetPeak()
  await pass('G90-2026-large', PACKET_BYTES)
  t.comment(`${PACKET_BYTES / MIB} MiB: ${(peak() / MIB).toFixed(0)} MiB at most`)
  t.equal(config.axis, null, 'the door of this process is another')
})

t.test('the process that has an axis door ends when it is told to', async (t) => {
  t.match(await api.kill('SIGTERM'), { code: 0 })
})
