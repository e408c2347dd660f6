import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { linesOfPdf, textReaders } from '../../../src/intake/text-readers.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

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

t.test('a process that has nothing else to do ends, though a thread of it rests', async (t) => {
  const reader = new URL('../../../src/intake/text-readers.ts', import.meta.url).href
  const code = `const { linesOfPdf } = await import('${reader}')
    process.stdout.write(String(await linesOfPdf(Buffer.from('${Buffer.from(pdf('mot')).toString('base64')}', 'base64'))))`
  const strip = fileURLToPath(new URL('../../../scripts/strip-types.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', strip, '--input-type=module', '-e', code],
    { timeout: 20_000 },
  )
  t.equal(stdout.trim(), 'mot')
})

const script = fileURLToPath(new URL('../../fakes/text-thread.mjs', import.meta.url))
const log = join(await temporaryFolder(t), 'reads')
const OPTIONS = { script, threads: 1, deadlineMs: 10_000, mostWaiting: 2, patienceMs: 60_000 }
/** A file that does something to the thread that reads it. */
const file = (does: string) => Buffer.from(JSON.stringify({ does, log }))
/** How many threads have read a file that does this. */
const reads = async (does: string): Promise<number> =>
  (await readFile(log, 'utf8')).split('\n').filter((line) => line === does).length

t.test('a file of which a thread died is not read again', async (t) => {
  const read = textReaders(OPTIONS)
  t.same(await read(file('lines')), ['1'])
  t.equal(await read(file('exit')), undefined)
  t.equal(await reads('exit'), 1)
  t.same(await read(file('lines')), ['1'], 'by another thread')
  t.equal(await read(file('throw')), undefined)
  t.equal(await reads('throw'), 1)
})

t.test('a file that takes too long has one deadline', async (t) => {
  const read = textReaders({ ...OPTIONS, deadlineMs: 2_500 })
  await read(file('lines'))
  t.equal(await read(file('spin')), undefined)
  t.equal(await reads('spin'), 1)
})

t.test('what a used thread cannot read is for a fresh one to say, once', async (t) => {
  const read = textReaders(OPTIONS)
  await read(file('lines'))
  t.equal(await read(file('null')), undefined)
  t.equal(await reads('null'), 2)
  t.same(await read(file('lines')), ['1'])
  t.same(await read(file('null once used')), ['fresh'])
})

/** Nobody has looked at the file: it may hold anything, and is asked for again. */
const NOT_LOOKED_AT = { code: 'overloaded', retryAfter: 10 }

t.test(
  'who finds too many waiting, or waits for too long, is told so, and not that the file is odd',
  async (t) => {
    const few = textReaders(OPTIONS)
    const files = ['lines', 'lines', 'lines', 'lines', 'lines'].map((does) => few(file(does)))
    const ends = await Promise.allSettled(files)
    t.same(
      ends.map(({ status }) => status),
      [...Array(3).fill('fulfilled'), ...Array(2).fill('rejected')],
    )
    t.match(ends[4], { reason: NOT_LOOKED_AT })
    const short = textReaders({ ...OPTIONS, deadlineMs: 2_500, patienceMs: 50 })
    const hanging = short(file('spin'))
    const at = performance.now()
    await t.rejects(short(file('lines')), NOT_LOOKED_AT)
    t.ok(performance.now() - at < 2_400)
    t.equal(await hanging, undefined)
    t.same(await short(file('lines')), ['1'])
  },
)

t.test('a thread that ends before it begins with a file is not the fault of that file', async (t) => {
  const read = textReaders(OPTIONS)
  await read(file('lines'))
  t.same(await read(file('unbegun exit once used')), ['1'], 'a fresh one reads it')
  await t.rejects(read(file('unbegun exit')), NOT_LOOKED_AT)
  t.same(await read(file('lines')), ['1'])
  const short = textReaders({ ...OPTIONS, deadlineMs: 3_000 })
  await t.rejects(short(file('unbegun spin')), NOT_LOOKED_AT)
  t.same(await short(file('lines')), ['1'])
})

t.test('a thread that cannot be begun is not the fault of the file', async (t) => {
  const read = textReaders({ ...OPTIONS, script: '/no/such/thread.mjs' })
  await t.rejects(read(file('lines')), NOT_LOOKED_AT)
  const odd = textReaders({ ...OPTIONS, script: 'not a path' })
  await t.rejects(odd(file('lines')), NOT_LOOKED_AT)
  await t.rejects(odd(file('lines')), NOT_LOOKED_AT, 'and its place is free again')
})
