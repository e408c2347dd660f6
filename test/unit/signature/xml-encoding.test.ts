import t from 'tap'
import { onlyUtf8, toUtf8 } from '../../../src/signature/formats/xml-encoding.ts'

const XML = '<a>Thử</a>'
const marked = (mark: string, bytes: Buffer) => Buffer.concat([Buffer.from(mark, 'hex'), bytes])
const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>`

t.test('files in UTF-8 are read as they are', async (t) => {
  for (const bytes of [XML, declared('UTF-8') + XML].map((text) => Buffer.from(text))) {
    t.equal(onlyUtf8(bytes).toString(), bytes.toString())
    t.equal(onlyUtf8(marked('efbbbf', bytes)).toString(), bytes.toString())
  }
})

// Small buffers share one memory: a file that was brought into UTF-8 must not be taken for one that was in it.
const FOREIGN: Record<string, [bytes: Buffer, text: string]> = {
  'UTF-16, little end first': [marked('fffe', Buffer.from(XML, 'utf16le')), XML],
  'UTF-16, big end first': [marked('feff', Buffer.from(XML, 'utf16le').swap16()), XML],
  'ISO-8859-1': [Buffer.from(`${declared('ISO-8859-1')}<a>\xe9</a>`, 'latin1'), '<a>é</a>'],
  'windows-1258': [Buffer.from(`${declared('windows-1258')}<a>\xfe</a>`, 'latin1'), '<a>₫</a>'],
}
for (const [name, [bytes, text]] of Object.entries(FOREIGN)) {
  t.test(`${name}: read where any encoding is, refused where only UTF-8 is`, async (t) => {
    t.match(toUtf8(bytes).toString(), text)
    t.throws(() => onlyUtf8(bytes))
  })
}

t.test('a mark and a declaration that differ', async (t) => {
  t.throws(() => toUtf8(marked('efbbbf', Buffer.from(declared('ISO-8859-1') + XML))))
  t.throws(() => toUtf8(marked('fffe', Buffer.from(declared('UTF-8') + XML, 'utf16le'))))
})
