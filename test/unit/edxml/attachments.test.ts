import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32, deflateRawSync } from 'node:zlib'
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

/** The same with the bit that says so: its content is whatever a password makes of it. */
function encrypted(made: Buffer): Buffer {
  const bytes = Buffer.from(made)
  for (const at of [6, bytes.lastIndexOf('PK\x01\x02') + 8]) bytes[at] = bytes[at]! | 1
  return bytes
}

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
    ['an encrypted zip', encrypted(one), 'a.pdf', 'application/zip'],
    ['a text', Buffer.from('chào'), 'a.txt', undefined],
  ] as const) {
    const opened = await open(bytes, name)
    t.match(opened, { unwrapped: false }, what)
    t.equal(opened.type, type, what)
    t.strictSame(await contentOf(opened), Buffer.from(bytes), what)
  }
})

/** A zip made record by record: as the field names say, or as `lies` has it. */
function handMade(content: Buffer, lies: Lies = {}): Buffer {
  const data = lies.stored ? content : deflateRawSync(content)
  const method = lies.stored ? 0 : 8
  const name = Buffer.from('a.pdf')
  const described = lies.descriptor !== undefined
  const flags = described ? 8 : 0
  const sums = (crc: number) => {
    const fields = Buffer.alloc(12)
    fields.writeUInt32LE(crc)
    fields.writeUInt32LE(data.length + (lies.behindData?.length ?? 0), 4)
    fields.writeUInt32LE(content.length, 8)
    return fields
  }
  const head = Buffer.alloc(10)
  head.writeUInt16LE(20)
  head.writeUInt16LE(flags, 2)
  head.writeUInt16LE(method, 4)
  const nothing = Buffer.alloc(0)
  const told = described ? Buffer.alloc(12) : sums(lies.localCrc ?? crc32(content))
  const local = Buffer.concat([
    lies.before ?? nothing,
    Buffer.from('PK\x03\x04'),
    head,
    told,
    Buffer.from([5, 0, 0, 0]),
    Buffer.from(lies.localName ?? name),
    data,
    lies.behindData ?? nothing,
    described ? Buffer.concat([Buffer.from(lies.descriptor ?? ''), sums(crc32(content))]) : nothing,
    lies.behindDescriptor ?? nothing,
  ])
  const offset = Buffer.alloc(4)
  offset.writeUInt32LE(lies.before?.length ?? 0)
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0'),
    head,
    sums(crc32(content)),
    Buffer.from([5, 0, 0, 0]),
    Buffer.from([lies.comment?.length ?? 0, 0]),
    Buffer.alloc(8),
    offset,
    name,
    lies.comment ?? nothing,
  ])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  const entries = lies.entries ?? 1
  end.writeUInt16LE(entries, 8)
  end.writeUInt16LE(entries, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  end.writeUInt16LE(lies.end?.length ?? 0, 20)
  return Buffer.concat([local, central, end, lies.end ?? nothing])
}

interface Lies {
  readonly stored?: boolean
  readonly descriptor?: string
  readonly localCrc?: number
  readonly localName?: string
  readonly before?: Buffer
  readonly behindData?: Buffer
  readonly behindDescriptor?: Buffer
  readonly comment?: Buffer
  readonly entries?: number
  readonly end?: Buffer
}

t.test('a zip as writers of every kind make it', async (t) => {
  for (const lies of [
    {},
    { stored: true },
    { descriptor: 'PK\x07\x08' },
    { descriptor: '' },
    { comment: Buffer.from('x') },
  ]) {
    const opened = await open(handMade(PDF, lies))
    t.match(opened, { unwrapped: true, type: 'application/pdf' }, JSON.stringify(lies))
    t.strictSame(await contentOf(opened), PDF)
  }
})

t.test('a zip of which two programs read two contents is refused', async (t) => {
  const other = Buffer.from('%PDF-1.4 another')
  const another = handMade(other, { stored: true })
  const local = another.subarray(0, another.indexOf('PK\x01\x02'))
  const locator = Buffer.concat([Buffer.from('PK\x06\x07'), Buffer.alloc(16)])
  const lies: Record<string, Lies> = {
    'another entry before it, which the directory does not list': { before: local },
    'another entry behind it': { behindDescriptor: local },
    'another entry behind its descriptor': { descriptor: 'PK\x07\x08', behindDescriptor: local },
    'another entry within its length, behind the deflated data': { behindData: local },
    'the same with a descriptor': { descriptor: 'PK\x07\x08', behindData: local },
    'much behind the deflated data': { behindData: Buffer.alloc(300_000) },
    'another name in the local header': { localName: 'b.pdf' },
    'another CRC in the local header': { localCrc: 1 },
    'stored with a descriptor': { stored: true, descriptor: 'PK\x07\x08' },
    'an empty directory': { entries: 0 },
    'a comment at the end': { end: Buffer.from('x') },
    'a zip64 record': { comment: locator },
  }
  for (const [what, lie] of Object.entries(lies)) {
    const reading = async () => contentOf(await open(handMade(PDF, lie)))
    await t.rejects(reading, { code: 'packet-invalid' }, what)
  }
  await t.rejects(open(Buffer.concat([local, await zip({ 'a.pdf': PDF })])), {
    code: 'packet-invalid',
  })
  const method = handMade(PDF)
  method.writeUInt16LE(0, 8)
  await t.rejects(open(method), { code: 'packet-invalid', faults: [{ code: 'attachment-ambiguous' }] })
  const office = handMade(Buffer.from('[Content_Types].xml word/'), { stored: true, before: local })
  t.match(sniffType(office), 'application/vnd.openxmlformats')
  await t.rejects(open(office), { code: 'packet-invalid' }, 'also where the zip passes for an Office file')
})

t.test('a zip that cannot be read is refused: some programs read what is there', async (t) => {
  const one = await zip({ 'a.pdf': PDF })
  for (const bytes of [
    one.subarray(0, one.length - 30),
    Buffer.from('PK\x03\x04'),
    Buffer.concat([one, PDF]),
  ]) {
    await t.rejects(open(bytes), { code: 'packet-invalid', faults: [{ code: 'attachment-unreadable' }] })
  }
  t.match(
    await open(one.subarray(0, 50), 'a.zip'),
    { unwrapped: false },
    'named so, it is a matter of the reader',
  )
})

t.test('a disk that fails is not the fault of the packet', async (t) => {
  const bytes = await zip({ 'a.pdf': PDF })
  const failure = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })
  const read = (range?: ByteRange) =>
    range === undefined
      ? Readable.from([bytes])
      : new Readable({
          read() {
            this.destroy(failure)
          },
        })
  await t.rejects(openAttachment({ name: 'a.pdf', length: bytes.length, read }, 1_000_000), failure)
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
  await t.rejects(open(damaged), { code: 'packet-invalid', faults: [{ code: 'attachment-ambiguous' }] })
  const both = handMade(PDF)
  both.writeUInt32LE(1, 14)
  both.writeUInt32LE(1, both.lastIndexOf('PK\x01\x02') + 16)
  const opened = await open(both)
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
