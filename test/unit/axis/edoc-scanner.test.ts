import fc from 'fast-check'
import t from 'tap'
import { AxisFault } from '../../../src/axis/axis-fault.ts'
import { edocAnswer } from '../../../src/axis/edoc-answer.ts'
import { EdocScanner } from '../../../src/axis/edoc-scanner.ts'
import { chunked } from '../edxml/vectors.ts'

/** Reads an answer in pieces. */
async function scan(answer: string | Uint8Array, cuts: readonly number[] = [], maxBytes = 1_000_000) {
  const scanner = new EdocScanner(maxBytes)
  const decoded: Buffer[] = []
  for await (const piece of chunked(Buffer.from(answer), ...cuts)) decoded.push(...scanner.feed(piece))
  return { packet: Buffer.concat(decoded), beside: scanner.end() }
}

const kindOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof AxisFault ? error.kind : String(error)),
  )

const everyCut = (text: string | Uint8Array) =>
  Array.from({ length: Buffer.from(text).length }, (_, at) => at)

const written = async (packet: Uint8Array, ...cuts: number[]) => {
  const answer = edocAnswer(
    { length: packet.length, content: chunked(packet, ...cuts) },
    { seal: Buffer.from('seal'), hops: [{ organId: 'Sở', timestamp: '2026/11/21 19:06:25' }] },
  )
  const pieces: Uint8Array[] = []
  for await (const piece of answer.content) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  return { bytes, length: answer.length }
}

t.test('an answer is as long as it says, is JSON of ASCII, and is read again however it is cut', async () => {
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), cuts, cuts, async (packet, in1, in2) => {
      const { bytes, length } = await written(packet, ...in1)
      const { packet: read, beside } = await scan(bytes, in2)
      const plain = JSON.parse(bytes.toString('ascii'))
      return (
        length === bytes.length &&
        /^[\x20-\x7e]+$/.test(bytes.toString('latin1')) &&
        plain.data === Buffer.from(packet).toString('base64') &&
        Buffer.compare(read, packet) === 0 &&
        JSON.stringify(beside) === JSON.stringify({ ...plain, data: '' })
      )
    }),
    { numRuns: 300 },
  )
})

t.test('data is found at the top of the object alone, and read in any order of fields', async (t) => {
  const packet = Buffer.from('<edXML/>')
  const data = packet.toString('base64')
  for (const answer of [
    `{"data":"${data}","status":"OK"}`,
    `{"status":"OK","data":"${data}"}`,
    `\ufeff \r\n{ "status" : "OK" , "data" : "${data}" }\n`,
    `{"x":{"data":"no"},"y":["data","no"],"z":"data","data":"${data}"}`,
    `{"x":"\\"data\\":\\"no","data":"${data}","ErrorDesc":"\\"data\\":"}`,
    `{"nodata":"no","data ":"no","datax":"no","data":"${data}"}`,
    `{"status":"data","data":"${data}"}`,
    `{"data":"${data.replace('=', '\\u003d')}"}`,
    `{"data":"${data.slice(0, 5)}\\r\\n${data.slice(5)}\\n"}`,
    `{"data":"${data.slice(0, 5)}\r\n${data.slice(5)}"}`,
    `{"data":"${data.replace(/=+$/, '')}"}`,
  ]) {
    t.same((await scan(answer)).packet, packet, answer)
    t.same((await scan(answer, everyCut(answer))).packet, packet, answer)
  }
  const slashes = Buffer.from([0xff, 0xff, 0xff, 0xfb, 0xff])
  const escaped = slashes.toString('base64').replaceAll('/', '\\/').replaceAll('+', '\\u002B')
  t.same((await scan(`{"data":"${escaped}"}`, everyCut(escaped))).packet, slashes)
})

t.test('answers without a packet are read as JSON', async (t) => {
  for (const answer of [
    '{"status":"FAIL","data":null}',
    '{"status":"FAIL"}',
    '{"data":{"data":"AAAA"}}',
    '{}',
  ]) {
    const { packet, beside } = await scan(answer)
    t.equal(packet.length, 0)
    t.same(beside, JSON.parse(answer))
  }
})

t.test('what is broken is never a packet', async (t) => {
  for (const [answer, kind] of [
    ['', 'not-json'],
    ['<html><body>502 Bad Gateway</body></html>', 'not-json'],
    ['"data"', 'not-json'],
    ['[{"data":"AAAA"}]', 'not-json'],
    ['{"data":"AAAA"', 'not-json'],
    ['{"data":"AAAA', 'not-json'],
    ['{"data":"AAAA"}}', 'not-json'],
    ['{"data":"AAAA"} trailing', 'not-json'],
    ['{"data":"AAAA",}', 'not-json'],
    ['{"data":"AAAA","data":"BBBB"}', 'answer-invalid'],
    ['{"data":"A"}', 'answer-invalid'],
    ['{"data":"AA="}', 'answer-invalid'],
    ['{"data":"AA==AA=="}', 'answer-invalid'],
    ['{"data":"AA==\\nAA=="}', 'answer-invalid'],
    ['{"data":"AA*A"}', 'answer-invalid'],
    ['{"data":"AA-_"}', 'answer-invalid'],
    ['{"data":"<edXML/>"}', 'answer-invalid'],
    ['{"data":"AAAA\\"}', 'answer-invalid'],
    ['{"data":"AAAA\\u00"}', 'answer-invalid'],
    ['{"data":"AA\\\\AA"}', 'answer-invalid'],
    ['{"data":"AA\\u0000A"}', 'answer-invalid'],
    ['{"data":"AAAảA"}', 'answer-invalid'],
  ] as const) {
    t.equal(await kindOf(scan(answer)), kind, answer)
    t.equal(await kindOf(scan(answer, everyCut(answer))), kind, `${answer} byte by byte`)
  }
})

t.test('a packet and what stands beside it have an end', async (t) => {
  const packet = Buffer.alloc(1000).toString('base64')
  t.equal(await kindOf(scan(`{"data":"${packet}"}`, [], 1000)), 'ok')
  t.equal(await kindOf(scan(`{"data":"${packet}"}`, [], 999)), 'answer-invalid')
  t.equal(await kindOf(scan(`{"x":"${'a'.repeat(3_000_000)}"}`)), 'answer-invalid')
  t.equal(await kindOf(scan(`${'{"a":'.repeat(500_000)}`)), 'answer-invalid')
})

/** What JSON.parse says of an answer, in the words of the scanner; undefined where it is no object. */
function parsedWhole(text: string) {
  try {
    const { data, ...beside } = JSON.parse(text)
    return { data: typeof data === 'string' ? Buffer.from(data, 'base64').toString('hex') : data, beside }
  } catch {
    return undefined
  }
}

t.test(
  'whatever it reads, JSON.parse reads the same; also of answers that were damaged on their way',
  async (t) => {
    const more = fc.dictionary(
      fc.constantFrom('status', 'x', 'dat', '"data":"', '\\'),
      fc.jsonValue({ maxDepth: 3 }),
    )
    const packet = fc.uint8Array({ maxLength: 20 })
    const damage = fc.array(
      fc.record({
        at: fc.nat({ max: 200 }),
        put: fc.constantFrom('"', '\\', ':', ',', '{', '}', '[', ']', 'd', '=', ' ', ''),
      }),
      { maxLength: 2 },
    )
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 6 })
    let read = 0
    await fc.assert(
      fc.asyncProperty(
        more,
        packet,
        more,
        fc.boolean(),
        damage,
        cuts,
        async (before, bytes, after, spaced, damages, at) => {
          const data = Buffer.from(bytes).toString('base64')
          const answer = { ...before, data, nested: { data: after }, ...after }
          let text = JSON.stringify(answer, null, spaced ? 1 : 0)
          for (const { at, put } of damages) text = text.slice(0, at) + put + text.slice(at + 1)
          const scanned = await scan(text, at).catch((error: unknown) => {
            if (error instanceof AxisFault) return undefined
            throw error
          })
          if (scanned === undefined) return damages.length > 0
          const { data: empty, ...beside } = scanned.beside as { data?: unknown }
          const whole = parsedWhole(text)
          if (whole === undefined || typeof whole.data !== 'string') return scanned.packet.length === 0
          read += 1
          return (
            scanned.packet.toString('hex') === whole.data &&
            empty === '' &&
            JSON.stringify(beside) === JSON.stringify(whole.beside)
          )
        },
      ),
      { numRuns: 1500 },
    )
    t.ok(read > 300, `${read} answers were read`)
  },
)
