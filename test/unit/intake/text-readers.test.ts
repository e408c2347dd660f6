import t from 'tap'
import { linesOfPdf } from '../../../src/intake/text-readers.ts'
import { makePdf } from '../../fakes/make-pdf.ts'

const pdf = (line: string) => makePdf([line])
const said = (lines: string[] | undefined) => lines?.join(' ').trim()

t.test('each file has its own lines, however many come at once', async (t) => {
  const lines = Array.from({ length: 12 }, (_, index) => `Van ban so ${index}`)
  const read = await Promise.all(lines.map((line) => linesOfPdf(pdf(line))))
  t.strictSame(read.map(said), lines)
})

t.test('a file that cannot be read is told as such, and holds up nobody behind it', async (t) => {
  const files = [pdf('truoc'), Buffer.from('%PDF-1.7\nnothing'), Buffer.alloc(0), pdf('sau')]
  const read = await Promise.all(files.map((file) => linesOfPdf(file)))
  t.strictSame(read.map(said), ['truoc', undefined, undefined, 'sau'])
  t.equal(said(await linesOfPdf(pdf('cuoi'))), 'cuoi')
})

t.test('the bytes of the file stay with whoever gave them', async (t) => {
  const file = pdf('mot')
  const before = Buffer.from(file)
  await linesOfPdf(file)
  t.ok(before.equals(file))
})
