import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { Client } from 'undici'
import { waitFor } from '../../../test/support/wait-for.ts'
import { table } from '../../markdown-table.ts'
import type { Party } from './agencies.ts'
import { fetchToken } from './client.ts'
import { type Gateway, startGateway, startGround } from './gateway.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { bar, short } from './print.ts'
import type { TramProcess } from './processes.ts'
import { peakMemory, residentMemory } from './spending.ts'

const MEBIBYTE = 2 ** 20
const BLOCK = randomBytes(MEBIBYTE)
const BOUNDARY = 'bench-boundary-4f1c'
const PATIENCE_MS = 20 * 60_000
const MOST_GROWTH = 100
/** Buffers and code are there once a file of some MiB has gone the same way a few times. */
const WARM_UP = { bytes: 32 * MEBIBYTE, times: 3 }

interface Exchange {
  readonly http: Client
  readonly sender: Party
  readonly receiver: Party
}

interface Passed {
  readonly inSeconds: number
  readonly outSeconds: number
  readonly attachmentSeconds: number
  readonly packetBytes: number
}

const headerOf = (recipient: string, number: number) => ({
  to: [{ organId: recipient }],
  codeNumber: String(number),
  codeNotation: 'BTN-VP',
  promulgationDate: '2026-11-20',
  documentType: { typeName: 'Công văn' },
  subject: 'V/v gửi hồ sơ dung lượng lớn',
  signer: { fullName: 'Nguyễn Văn Thử' },
})

const part = (name: string, type: string, filename?: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}` +
  `\r\nContent-Type: ${type}\r\n\r\n`

/** Blocks that differ from document to document, in the first one. */
function* fileOf(bytes: number, number: number): Generator<Buffer> {
  const first = Buffer.from(BLOCK)
  first.writeUInt32BE(number)
  yield first.subarray(0, Math.min(bytes, first.length))
  for (let left = bytes - first.length; left > 0; left -= BLOCK.length)
    yield BLOCK.subarray(0, Math.min(left, BLOCK.length))
}

async function submit(exchange: Exchange, bytes: number, number: number): Promise<void> {
  const { http, sender, receiver } = exchange
  const head = Buffer.from(
    `${part('header', 'application/json')}${JSON.stringify(headerOf(receiver.code, number))}\r\n` +
      part('file', 'application/octet-stream', 'ho-so.bin'),
  )
  const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
  const form = function* () {
    yield head
    yield* fileOf(bytes, number)
    yield tail
  }
  const { statusCode, body } = await http.request({
    method: 'POST',
    path: '/v1/documents',
    headers: {
      authorization: `Bearer ${await fetchToken(http, sender)}`,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(head.length + bytes + tail.length),
    },
    body: Readable.from(form(), { objectMode: false }),
  })
  const answer = await body.text()
  if (statusCode !== 201) throw new Error(`a file of ${bytes} bytes was refused: ${statusCode} ${answer}`)
}

const digestOf = async (content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
  const hash = createHash('sha256')
  let length = 0
  for await (const piece of content) {
    hash.update(piece)
    length += piece.length
  }
  return { sha256: hash.digest('hex'), length }
}

interface Item {
  readonly deliveryId: string
  readonly packetSha256: string
}

/** One document with a file of so many bytes there and back: submitted, fetched as a packet and as a file. */
async function pass(exchange: Exchange, bytes: number, number: number): Promise<Passed> {
  const { http, receiver } = exchange
  const get = async (path: string) => {
    const authorization = `Bearer ${await fetchToken(http, receiver)}`
    const { statusCode, body } = await http.request({ method: 'GET', path, headers: { authorization } })
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${await body.text()}`)
    return body
  }
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const began = performance.now()
    return [await work(), (performance.now() - began) / 1_000]
  }
  const [, inSeconds] = await timed(() => submit(exchange, bytes, number))
  const look = async () => ((await (await get('/v1/inbox')).json()) as { items: Item[] }).items[0]
  const item = await waitFor(look, 60_000, () => 'the document in the inbox')
  const [packet, outSeconds] = await timed(async () =>
    digestOf(await get(`/v1/inbox/${item.deliveryId}/packet`)),
  )
  if (packet.sha256 !== item.packetSha256) throw new Error('the packet came with other bytes')
  const [file, attachmentSeconds] = await timed(async () =>
    digestOf(await get(`/v1/inbox/${item.deliveryId}/attachments/1`)),
  )
  if (file.sha256 !== (await digestOf(fileOf(bytes, number))).sha256)
    throw new Error('the attachment came with other bytes')
  const authorization = `Bearer ${await fetchToken(http, receiver)}`
  const acknowledged = await http.request({
    method: 'POST',
    path: `/v1/inbox/${item.deliveryId}/ack`,
    headers: { authorization },
  })
  await acknowledged.body.dump()
  return { inSeconds, outSeconds, attachmentSeconds, packetBytes: packet.length }
}

/** From here on the kernel counts a process's peak anew (proc(5), clear_refs). */
const forgetPeak = ({ pid }: TramProcess): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')

async function growthWhile(gateway: Gateway, work: () => Promise<void>): Promise<Map<string, number>> {
  const before = gateway.processes.map((one) => {
    forgetPeak(one)
    return residentMemory(one.pid)
  })
  await work()
  return new Map(gateway.processes.map(({ name, pid }, index) => [name, peakMemory(pid) - before[index]!]))
}

/** A file of a gigabyte in and out again, and the memory that it takes. */
export async function gigabyte({ bytes, tell }: PartOptions): Promise<PartResult> {
  const ground = await startGround()
  try {
    const variables = { TRAM_MAX_PACKET_BYTES: String(bytes * 2) }
    const gateway = await startGateway(ground, { apis: 1, workers: 1, seal: 'p256', variables })
    const patience = { headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS }
    const http = new Client(gateway.urls[0]!, patience)
    try {
      const exchange = { http, sender: ground.parties.senders[0]!, receiver: ground.parties.receivers[0]! }
      for (let number = 1; number <= WARM_UP.times; number += 1) await pass(exchange, WARM_UP.bytes, number)
      let passed: Passed | undefined
      const growth = await growthWhile(gateway, async () => {
        passed = await pass(exchange, bytes, WARM_UP.times + 1)
      })
      tell(JSON.stringify(passed))
      return resultOf(bytes, passed!, growth)
    } finally {
      await http.close()
      await gateway.stop()
    }
  } finally {
    await ground.stop()
  }
}

function resultOf(bytes: number, passed: Passed, growth: ReadonlyMap<string, number>): PartResult {
  const speed = (length: number, seconds: number) => `${short(length / MEBIBYTE / seconds)} MiB/s`
  return {
    data: { bytes, passed, growth: Object.fromEntries(growth) },
    tables: table(
      ['a file of so many MiB', 'seconds', ''],
      [
        ['submitted in a form, until the receipt', short(passed.inSeconds), speed(bytes, passed.inSeconds)],
        ['fetched as a packet', short(passed.outSeconds), speed(passed.packetBytes, passed.outSeconds)],
        ['fetched as a file', short(passed.attachmentSeconds), speed(bytes, passed.attachmentSeconds)],
      ],
    ),
    bars: [...growth].map(([name, mebibytes]) =>
      bar(
        `growth of the memory of ${name} by a file of ${(bytes / MEBIBYTE).toFixed(0)} MiB, MiB`,
        mebibytes,
        mebibytes < MOST_GROWTH,
        `< ${MOST_GROWTH}`,
      ),
    ),
  }
}
