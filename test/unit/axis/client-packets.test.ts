import t from 'tap'
import { edocAnswer } from '../../../src/axis/edoc-answer.ts'
import { chunked } from '../edxml/vectors.ts'
import {
  all,
  answers,
  type Behave,
  clientOf,
  edoc,
  fakeExchange,
  kindOf,
  last,
  MAX_PACKET,
  PACKET,
  writes,
} from './fake-exchange.ts'

/** Answers getEdoc with this packet. */
const gives =
  (packet: Uint8Array, ...more: Parameters<typeof edocAnswer>[1][]): Behave =>
  async (response) =>
    response.end(
      await all(edocAnswer({ length: packet.length, content: chunked(packet, 7) }, ...more).content),
    )

t.test('a packet is fetched as it comes, with what stands beside it', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, axis.url, { channel: 'gateway' })
  const { beside } = edoc()
  axis.behaves = gives(PACKET, beside)
  t.same(await client.getEdoc('d1', all), { ok: true, value: { taken: PACKET, beside } })
  t.equal(last(axis).headers?.get('docId'), 'd1')
  t.equal(last(axis).body.toString(), '{}')
  const stamped = { seal: Buffer.alloc(12_000, 's'), hops: beside?.hops ?? [] }
  axis.behaves = gives(PACKET, stamped)
  t.same(
    await client.getEdoc('d1', all),
    { ok: true, value: { taken: PACKET, beside: stamped } },
    'a seal with its timestamp comes whole',
  )
  axis.behaves = gives(PACKET)
  t.same(await client.getEdoc('d1', all), { ok: true, value: { taken: PACKET, beside: { hops: [] } } })
  const long = Buffer.alloc(MAX_PACKET, 'x')
  axis.behaves = gives(long)
  t.match(await client.getEdoc('d1', all), { ok: true, value: { taken: long } })
})

t.test('an answer without a packet troubles nobody', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, axis.url)
  let troubled = 0
  const take = async (content: AsyncIterable<Uint8Array>) => {
    troubled += 1
    return all(content)
  }
  for (const [kind, behaves] of [
    ['refused', writes('{"status":"FAIL","ErrorCode":"21","ErrorDesc":"x"}')],
    ['refused', writes('{"data":"","status":"FAIL","ErrorCode":"21","ErrorDesc":"x"}')],
    ['answer-invalid', writes('{"status":"OK","ErrorCode":"0"}')],
    ['answer-invalid', writes('{"status":"OK","ErrorCode":"0","data":""}')],
    ['answer-invalid', writes('{"status":"OK","ErrorCode":"0","data":null}')],
    ['not-json', writes('<html>')],
    ['http', writes('<html>', 503)],
  ] as const) {
    axis.behaves = behaves
    t.equal(await kindOf(client.getEdoc('d1', take)), kind, kind)
  }
  t.equal(troubled, 0)
})

t.test('a packet that breaks off, or is refused at its end, counts for nothing', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, axis.url)
  for (const [kind, behaves] of [
    ['refused', writes('{"data":"PGVkWE1MLz4=","status":"FAIL","ErrorCode":"20"}')],
    ['answer-invalid', writes('{"data":"PGVkWE1MLz4="}')],
    ['answer-invalid', writes('{"data":"PGVkWE1MLz4=","status":"OK","tramHops":"x"}')],
    ['answer-invalid', writes('{"data":"PGVkWE1ML*z4=","status":"OK"}')],
    ['not-json', writes('{"status":"OK","data":"PGVkWE1MLz4')],
    [
      'unreachable',
      (response) =>
        response
          .writeHead(200, { 'content-length': '99' })
          .write('{"data":"PGVkWE1MLz4="', () => response.destroy()),
    ],
    ['answer-invalid', gives(Buffer.alloc(MAX_PACKET + 1))],
  ] as const satisfies [string, Behave][]) {
    axis.behaves = behaves
    t.equal(await kindOf(client.getEdoc('d1', all)), kind, kind)
  }
  axis.behaves = gives(Buffer.alloc(300_000))
  const takesLittle = async (content: AsyncIterable<Uint8Array>) => {
    for await (const piece of content) return piece.length
    return 0
  }
  t.equal(await kindOf(client.getEdoc('d1', takesLittle)), 'answer-invalid', 'not read to its end')
})

t.test('what goes wrong on this side is thrown', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, axis.url)
  axis.behaves = gives(PACKET)
  const full = new Error('the disk is full')
  await t.rejects(
    client.getEdoc('d1', async () => {
      throw full
    }),
    full,
  )
  const unreadable = async function* () {
    yield PACKET.subarray(0, 5)
    throw full
  }
  await t.rejects(client.sendEdoc(edoc({ content: unreadable })), full)
  for (const length of [PACKET.length - 1, PACKET.length + 1]) {
    await t.rejects(client.sendEdoc(edoc({ length })), RangeError)
  }
  await t.rejects(client.updateStatus('d1\r\nHost: b', 'done'), TypeError)
})

t.test('a file is downloaded; what is no file is not', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, axis.url)
  axis.behaves = writes(PACKET.toString())
  t.same(await client.downloadEdoc('d1', all), { ok: true, value: PACKET })
  t.equal(last(axis).method, 'GET')
  const long = `<edXML>${'x'.repeat(MAX_PACKET - 7)}`
  for (const [kind, behaves] of [
    ['ok', writes(long)],
    ['answer-invalid', writes(`${long}x`)],
    ['answer-invalid', writes('')],
    ['answer-invalid', answers({ data: 'x' })],
    ['refused', writes('{"status":"FAIL","ErrorCode":"21","ErrorDesc":"x"}')],
    ['not-json', writes('<!DOCTYPE html><html>')],
    ['http', writes('<html>', 502)],
    ['http', writes('<edXML/>', 404)],
  ] as const) {
    axis.behaves = behaves
    t.equal(await kindOf(client.downloadEdoc('d1', all)), kind, kind)
  }
})
