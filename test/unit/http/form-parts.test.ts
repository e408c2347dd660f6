import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import { formParts } from '../../../src/http/agency-api/form-parts.ts'
import { leastWorkTime } from '../../support/work-time.ts'

const CORPUS = '../shared/corpora/multipart/'

interface Part {
  readonly name: string | undefined
  readonly fileName: string | undefined
  readonly contentType: string
  readonly bytes: Buffer
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function readAll(bytes: Uint8Array, contentType: string, size = 7): Promise<Part[]> {
  const parts: Part[] = []
  for await (const { content, ...part } of formParts(inChunks(bytes, size), contentType)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of content) chunks.push(Uint8Array.from(chunk))
    parts.push({ ...part, bytes: Buffer.concat(chunks) })
  }
  return parts
}

const TYPE = 'multipart/form-data; boundary=ranh-gioi'
const FORM = 'Content-Disposition: form-data; name="file"; filename="a.pdf"'
const whole = (header: string, content: string, end = '--') =>
  `--ranh-gioi\r\n${header}\r\n\r\n${content}\r\n--ranh-gioi${end}`
const malformed = { name: 'GatewayError', code: 'request-malformed' }

t.test('what goes in comes out, however it is cut', async (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // Content that is nearly a delimiter.
    fc
      .array(
        fc.constantFrom(
          '\r\n',
          '--',
          'ranh-gioi',
          '\r',
          '\n',
          '-',
          'r',
          '\r\n--ranh-gio',
          '\r\n--ranh-gioiX',
        ),
      )
      .map((pieces) => Buffer.from(pieces.join('')))
      .filter((made) => !/\r\n--ranh-gioi(\r\n|--)/.test(`\r\n${made.toString('latin1')}\r\n`)),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      async (files, size) => {
        const form = Buffer.concat([
          ...files.flatMap((content) => [
            Buffer.from(`--ranh-gioi\r\n${FORM}\r\n\r\n`),
            content,
            Buffer.from('\r\n'),
          ]),
          Buffer.from('--ranh-gioi--\r\n'),
        ])
        const parts = await readAll(form, TYPE, size)
        t.strictSame(
          parts.map((part) => part.bytes.toString('hex')),
          files.map((content) => Buffer.from(content).toString('hex')),
        )
      },
    ),
    { numRuns: 200 },
  )
})

t.test('names of parts and files', async (t) => {
  const names: [string, string | undefined, string | undefined][] = [
    ['name="file"; filename="Công văn.pdf"', 'file', 'Công văn.pdf'],
    ['name=file; filename=a.pdf', 'file', 'a.pdf'],
    ['name="file"; filename="a\\"b.pdf"', 'file', 'a"b.pdf'],
    ['name="file"; filename="x"; filename*=UTF-8\'\'C%C3%B4ng.pdf', 'file', 'Công.pdf'],
    ['name="file"; filename="C:\\thư mục\\a.pdf"', 'file', 'a.pdf'],
    ['name="file"; filename="../../etc/passwd"', 'file', 'passwd'],
    ['name="header"', 'header', undefined],
  ]
  for (const [text, name, fileName] of names) {
    const parts = await readAll(Buffer.from(whole(`Content-Disposition: form-data; ${text}`, 'x')), TYPE)
    t.match(parts, [{ name, fileName }], text)
  }
})

t.test('nothing that is not understood is passed over', async (t) => {
  const forms: [what: string, form: string, type?: string][] = [
    ['no boundary', whole(FORM, 'x'), 'multipart/form-data'],
    ['another boundary', whole(FORM, 'x'), 'multipart/form-data; boundary=khac'],
    ['nothing', ''],
    ['something before', `trước\r\n${whole(FORM, 'x')}`],
    ['no disposition', whole('Content-Type: text/plain', 'x')],
    ['another disposition', whole('Content-Disposition: attachment; name="file"', 'x')],
    ['no header', whole('', 'x')],
    ['no colon', whole(`${FORM}\r\nContent-Type`, 'x')],
    ['two names', whole(`${FORM}; name="header"`, 'x')],
    ['two dispositions', whole(`${FORM}\r\n${FORM}`, 'x')],
    ['a bare line feed', whole('Content-Disposition: form-data; name="a\nb"', 'x')],
    ['open quotes', whole('Content-Disposition: form-data; name="file', 'x')],
    ['another encoding', whole(`${FORM}\r\nContent-Transfer-Encoding: quoted-printable`, 'x')],
    ['a long header', whole(`${FORM}\r\nX: ${'x'.repeat(20_000)}`, 'x')],
    ['no end', whole(FORM, 'x', '')],
    ['an end cut off', whole(FORM, 'x', '-')],
    ['a content cut off', `--ranh-gioi\r\n${FORM}\r\n\r\nx`],
    ['a header cut off', `--ranh-gioi\r\n${FORM}`],
  ]
  for (const [what, form, type = TYPE] of forms)
    await t.rejects(readAll(Buffer.from(form), type), malformed, what)
  const legacy = Buffer.concat([
    Buffer.from(`--ranh-gioi\r\n${FORM.slice(0, -5)}`),
    Buffer.from([0xe1]),
    Buffer.from('"\r\n\r\nx'),
  ])
  await t.rejects(readAll(legacy, TYPE), malformed, 'a name that is not UTF-8')
})

t.test('a header is refused or read in no time, whatever it holds', async (t) => {
  const opening = 'Content-Disposition: form-data; name="'
  const texts = [
    opening + '\\'.repeat(5_000),
    opening + '\\"'.repeat(2_500),
    opening + 'a\\'.repeat(2_500),
    `${FORM}\r\nX: x${' '.repeat(7_000)}y`,
    `${FORM}\r\nX: ${'\t x'.repeat(2_000)}`,
    `Content-Disposition: form-data${'; '.repeat(3_000)}`,
    `Content-Disposition: form-data; ${'a'.repeat(7_000)}`,
  ]
  for (const text of texts) {
    const form = Buffer.from(whole(text, 'x'))
    const { cpu } = await leastWorkTime(100, () => readAll(form, TYPE, 65_536).catch(() => undefined))
    t.ok(cpu < 100, `${Math.round(cpu)} ms: ${text.slice(0, 60)}…`)
  }
  const ends = ['\\', '\\\\', '\\"']
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(...ends, 'a', ' ', ';') }), async (name) => {
      const quoted = name.replace(/["\\]/g, '\\$&')
      const disposition = `Content-Disposition: form-data; name="${quoted}"`
      t.match(await readAll(Buffer.from(whole(disposition, 'x')), TYPE), [{ name }])
    }),
    { numRuns: 200 },
  )
})

t.test('a form has so many parts and no more', async (t) => {
  const formOf = (parts: number) => `${`--ranh-gioi\r\n${FORM}\r\n\r\nx\r\n`.repeat(parts)}--ranh-gioi--\r\n`
  t.equal((await readAll(Buffer.from(formOf(600)), TYPE, 4_096)).length, 600)
  const tooMany = { name: 'GatewayError', code: 'payload-too-large' }
  await t.rejects(readAll(Buffer.from(formOf(601)), TYPE, 4_096), tooMany)
  let read = 0
  const endless = async function* () {
    const part = Buffer.from(`--ranh-gioi\r\n${FORM}\r\n\r\nx\r\n`)
    for (; ; read += 1) yield part
  }
  const takeAll = async () => {
    for await (const part of formParts(endless(), TYPE)) for await (const _chunk of part.content);
  }
  await t.rejects(takeAll(), tooMany)
  t.ok(read < 610, `refused at part ${read}`)
})

interface Case {
  readonly id: string
  readonly file: string
  readonly contentType?: string
  readonly expect: {
    readonly verdict: string
    readonly parts?: readonly { readonly name: string; readonly file_name?: string; readonly data: string }[]
  }
}

t.test('forms of others', async (t) => {
  const text = await readFile(`${CORPUS}cases.json`, 'utf8').catch(() => null)
  if (text === null) return t.comment(`skipped: there is no ${CORPUS}`)
  for (const { id, file, contentType = TYPE, expect } of (JSON.parse(text) as { cases: Case[] }).cases) {
    const form = await readFile(CORPUS + file)
    // Deprecated by RFC 7578 §4.7, and told rather than stored undecoded.
    const isEncoded = /content-transfer-encoding: *(base64|quoted-printable)/i.test(form.toString('latin1'))
    // One case names a boundary that its form does not have.
    const isStrange = !form.includes(`--${contentType.split('boundary=')[1]}`)
    const isRefused = isEncoded || isStrange
    if (expect.verdict === 'reject' || isRefused) await t.rejects(readAll(form, contentType), malformed, id)
    if (expect.verdict !== 'accept' || isRefused) continue
    t.strictSame(
      (await readAll(form, contentType)).map((part) => [part.name, part.bytes.toString('base64')]),
      (expect.parts ?? []).map((part) => [part.name, part.data]),
      id,
    )
  }
})
