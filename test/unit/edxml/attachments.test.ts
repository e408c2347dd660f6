import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { ZipFile } from 'yazl'
import type { ByteRange } from '../../../src/blobs/store.ts'
import { Base64Decoder } from '../../../src/edxml/base64.ts'
import { type OpenedAttachment, openAttachment } from '../../../src/edxml/open-attachment.ts'
import { sniffType } from '../../../src/edxml/sniff.ts'

function decode(...chunks: string[]) {
  const decoder = new Base64Decoder()
  const parts = chunks.map((chunk) => decoder.push(Buffer.from(chunk, 'latin1')))
  const { bytes, fault } = decoder.finish()
  return { content: Buffer.concat([...parts, bytes]), fault }
}

t.test('base64 is decoded whatever its chunks and white space', async () => {
  const space = fc.constantFrom('', '\r\n', '\n', ' ', '\t', '&#13;\n', '&#xD;', '&#x0a;', '&#10;')
  const chunkLength = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.infiniteStream(space),
      chunkLength,
      (bytes, spaces, length) => {
        const digits = [...Buffer.from(bytes).toString('base64')]
        const text = digits.map((digit) => digit + spaces.next().value).join('')
        const chunks = text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? []
        assert.deepEqual(decode(...chunks), { content: Buffer.from(bytes), fault: undefined })
      },
    ),
  )
})

t.test('base64 that is not whole, or not base64, is refused where it goes wrong', async (t) => {
  const wrong: Record<string, { newlines: number; found?: string }> = {
    QQ: { newlines: 0 },
    QUI: { newlines: 0 },
    'QQ=': { newlines: 0 },
    'Q===': { newlines: 0 },
    'QUJD=': { newlines: 0 },
    'QUJD==': { newlines: 0 },
    'QQ==QQ==': { newlines: 0, found: 'text after the padding' },
    'QQ\n==\nQ': { newlines: 2, found: 'text after the padding' },
    'QUJD\n\nQU-D': { newlines: 2, found: '-' },
    'QU\u00ffD': { newlines: 0, found: 'byte 0xff' },
    'QUJD&amp;': { newlines: 0, found: '&amp;' },
    'QUJD&#65;': { newlines: 0, found: '&#65;' },
    'QUJD&#13': { newlines: 0, found: '&#13' },
    'QUJD&#0000000000000000013;': { newlines: 0 },
    '=': { newlines: 0 },
  }
  for (const [text, fault] of Object.entries(wrong)) t.match(decode(text).fault, fault, JSON.stringify(text))
  t.strictSame(decode('').fault, undefined)
})

t.test('types by their first bytes', (t) => {
  const types: [string, string | undefined][] = [
    ['%PDF-1.7', 'application/pdf'],
    ['\xef\xbb\xbf%PDF-1.4', 'application/pdf'],
    [`${' '.repeat(1019)}%PDF-1.4`, 'application/pdf'],
    [`${' '.repeat(1020)}%PDF-1.4`, undefined],
    ['\xef\xbf\xbd\xef\xbf\xbd', undefined],
    ['PK\x03\x04', 'application/zip'],
    ['PK\x05\x06', 'application/zip'],
    ['PK\x03\x04 stored.pdf %PDF-1.4', 'application/zip'],
    [
      'PK\x03\x04 [Content_Types].xml word/document.xml',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    [
      'PK\x03\x04 [Content_Types].xml xl/workbook.xml',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ],
    ['PK\x03\x04 word/notes.txt', 'application/zip'],
    [
      `PK\x03\x04${'\0'.repeat(14)}\x27\0\0\0\x27\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.text`,
      'application/vnd.oasis.opendocument.text',
    ],
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage'],
    ['\x30\x82\x05\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02', 'application/pkcs7-signature'],
    ['\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02', 'application/pkcs7-signature'],
    ['\x30\x82\x05\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01', undefined],
    ['<?xml version="1.0"?>', 'application/xml'],
    ['{\\rtf1', 'application/rtf'],
    ['MZ\x90', 'application/x-msdownload'],
    ['chào', undefined],
    ['', undefined],
    ['P', undefined],
  ]
  for (const [head, type] of types)
    t.equal(sniffType(Buffer.from(head, 'latin1')), type, JSON.stringify(head.slice(0, 40)))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const type = sniffType(bytes)
      assert.ok(type === undefined || /^\w+\/[\w.+-]+$/.test(type))
    }),
  )
  t.end()
})

/** A zip of these entries. */
async function zip(entries: Record<string, Buffer>): Promise<Buffer> {
  const made = new ZipFile()
  for (const [name, content] of Object.entries(entries)) made.addBuffer(content, name)
  made.end()
  return buffer(Readable.from(made.outputStream as AsyncIterable<Buffer>))
}

const open = (bytes: Buffer, name = '12.pdf', most = 1_000_000): Promise<OpenedAttachment> =>
  openAttachment(
    {
      name,
      length: bytes.length,
      read: (range?: ByteRange) => Readable.from([bytes.subarray(range?.start, range?.end)]),
    },
    most,
  )
const contentOf = (opened: OpenedAttachment): Promise<Buffer> => buffer(Readable.from(opened.read()))

const PDF = Buffer.from(`%PDF-1.4\n${'Lễ hội hoa sen. '.repeat(1000)}%%EOF\n`)

t.test('a zip of one file is unwrapped, as the axis client does', async (t) => {
  const opened = await open(await zip({ '5c7.pdf': PDF }))
  t.match(opened, { unwrapped: true, type: 'application/pdf' })
  t.strictSame(await contentOf(opened), PDF)
  t.strictSame(await contentOf(opened), PDF, 'it can be read again')
})

t.test('everything else stays as it is', async (t) => {
  const one = await zip({ 'a.pdf': PDF })
  const two = await zip({ 'a.pdf': PDF, 'b.pdf': PDF })
  for (const [what, bytes, name, type] of [
    ['a plain file', PDF, 'a.pdf', 'application/pdf'],
    ['a zip that is named so', one, 'ho-so.ZIP', 'application/zip'],
    ['a zip of two files', two, 'a.pdf', 'application/zip'],
    ['an empty zip', await zip({}), 'a.pdf', 'application/zip'],
    ['a zip cut short', one.subarray(0, one.length - 30), 'a.pdf', 'application/zip'],
    ['only the magic of a zip', Buffer.from('PK\x03\x04'), 'a.pdf', 'application/zip'],
    ['a text', Buffer.from('chào'), 'a.txt', undefined],
  ] as const) {
    const opened = await open(bytes, name)
    t.match(opened, { unwrapped: false }, what)
    t.equal(opened.type, type, what)
    t.strictSame(await contentOf(opened), Buffer.from(bytes), what)
  }
})

t.test('the name of the entry is never used', async (t) => {
  const innocent = await zip({ 'aaaaaaaaaaaa.pdf': PDF })
  const evil = Buffer.from(innocent.toString('latin1').replaceAll('aaaaaaaaaaaa', '../../../etc'), 'latin1')
  t.strictSame(await contentOf(await open(evil)), PDF)
})

t.test('what comes out of a zip is counted, whatever it says of itself', async (t) => {
  const bomb = await zip({ 'a.pdf': Buffer.alloc(20_000_000) })
  t.ok(bomb.length < 30_000)
  const opened = await open(bomb, 'a.pdf', 1_000_000)
  let length = 0
  await t.rejects(
    async () => {
      for await (const chunk of opened.read()) length += chunk.length
    },
    { code: 'payload-too-large', faults: [{ code: 'limit-exceeded' }] },
  )
  t.ok(length <= 1_000_000)
  const lying = Buffer.from(bomb)
  const central = lying.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
  lying.writeUInt32LE(10, central + 24)
  await t.rejects(async () => contentOf(await open(lying)), { code: 'packet-invalid' })
})

t.test('a zip whose content is damaged is told, not passed off', async (t) => {
  const damaged = Buffer.from(await zip({ 'a.pdf': PDF }))
  const central = damaged.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
  damaged.writeUInt32LE(1, central + 16)
  const opened = await open(damaged)
  await t.rejects(contentOf(opened), { code: 'packet-invalid', faults: [{ code: 'attachment-unreadable' }] })
  await fc.assert(
    fc.asyncProperty(fc.nat(damaged.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = Buffer.from(damaged)
      bytes[at] = byte
      const read = await open(bytes)
        .then(contentOf, (error: unknown) => error)
        .catch((error: unknown) => error)
      assert.ok(Buffer.isBuffer(read) || (read as Error).name === 'GatewayError', String(read))
    }),
    { numRuns: 300 },
  )
})
