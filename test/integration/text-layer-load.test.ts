import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { type LinesOfPdf, textReaders } from '../../src/intake/text-readers.ts'
import { makePdf } from '../fakes/make-pdf.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const { api } = await testGateway(t)
const script = fileURLToPath(new URL('../../src/intake/text-layer-worker.mjs', import.meta.url))
const other = makePdf(Array.from({ length: 2_000 }, (_, index) => `Dòng số ${index}`))

let serial = 0
const packetWith = (lines: readonly string[]) =>
  documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId: `G90,2026/11/22,${++serial}/BTN-VP`,
    attachments: [{ name: 'a.pdf', type: 'application/pdf', bytes: makePdf(lines) }],
  })
const submit = (packet: Uint8Array, linesOfPdf: LinesOfPdf) =>
  acceptSubmission(
    { ...api, linesOfPdf },
    { caller: callerOf('G90'), content: Readable.from([Buffer.from(packet)]) },
  )
const countOf = async (what: string) => (await api.pool.query<{ count: number }>(what)).rows[0]?.count

/** So many are there before: several, so that the turn does not come while this process stands still for a moment. */
const BOUNDS = {
  'no more may wait': { before: 1, mostWaiting: 0, patienceMs: 60_000 },
  'the wait was too long': { before: 5, mostWaiting: 5, patienceMs: 10 },
}

for (const [what, { before: others, ...bounds }] of Object.entries(BOUNDS))
  t.test(`where ${what}, a PDF is neither taken in nor refused until it is looked at`, async (t) => {
    const read = textReaders({ script, threads: 1, deadlineMs: 60_000, ...bounds })
    const busy: Promise<unknown>[] = []
    const readBehind: LinesOfPdf = (bytes) => {
      busy.push(read(other))
      // These may wait for too long as well.
      for (let count = 1; count < others; count += 1) busy.push(read(other).catch(() => undefined))
      return read(bytes)
    }
    const before = await countOf('select count(*) from document')
    const stamped = await packetWith(['TUYỆT MẬT', 'Phương án'])
    const plain = await packetWith(['Báo cáo'])
    const refusal = { code: 'overloaded', retryAfter: 10 }
    await t.rejects(submit(stamped, readBehind), refusal)
    await Promise.all(busy)
    await t.rejects(submit(plain, readBehind), refusal)
    await Promise.all(busy)
    t.equal(await countOf('select count(*) from document'), before)
    await t.rejects(submit(stamped, read), { code: 'state-secret' })
    const accepted = await submit(plain, read)
    t.notOk(accepted.replayed)
    t.notOk(accepted.warnings.some(({ code }) => code === 'text-layer-not-read'))
  })
