import { once } from 'node:events'
import { createDeflate } from 'node:zlib'
import t from 'tap'
import { linesOfPdf } from '../../../src/intake/text-readers.ts'

const MIB = 1024 * 1024
const streamOf = (content: string, dictionary = ''): string =>
  `<< ${dictionary} /Length ${content.length} >>\nstream\n${content}\nendstream`

interface Drawing {
  /** What the page draws, and how it is packed. */
  readonly content: string
  readonly filter?: string
  /** A form XObject `/Fm` that may be drawn, too. */
  readonly form?: string
}

/** @returns a PDF of one page, as bytes */
function page({ content, filter = '', form = '' }: Drawing): Buffer {
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'
  const resources = `/Resources << /Font << /F ${font} >> /XObject << /Fm 5 0 R >> >>`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R ${resources} >>`,
    streamOf(content, filter),
    streamOf(
      form,
      `/Type /XObject /Subtype /Form /BBox [0 0 595 842] ${resources.replace('/XObject << /Fm 5 0 R >>', '')}`,
    ),
  ]
  let file = '%PDF-1.7\n'
  const places = objects.map((object, index) => {
    const at = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(at).padStart(10, '0')} 00000 n \n`
  })
  const size = objects.length + 1
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${places.join('')}`
  return Buffer.from(
    `${file}${table}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
    'latin1',
  )
}

/** A text at a place of the page, in letters of 12 points. */
const at = (x: number, y: number, text: string): string => `BT /F 12 Tf 1 0 0 1 ${x} ${y} Tm (${text}) Tj ET`

const DRAWN: Readonly<Record<string, readonly [content: string, lines: readonly string[], form?: string]>> = {
  'lines from the top, wherever they stand in the file': [
    [at(50, 100, 'ba'), at(50, 700, 'mot'), at(50, 400, 'hai')].join('\n'),
    ['mot', 'hai', 'ba'],
  ],
  'pieces of a line from the left, with a space in a gap': [
    [at(200, 700, 'so 1'), at(50, 700, 'Kinh gui')].join('\n'),
    ['Kinh gui so 1'],
  ],
  'pieces that touch are one word': ['BT /F 12 Tf 50 700 Td [(TUY) 20 (ET)] TJ ( MAT) Tj ET', ['TUYET MAT']],
  'letters of a word that are placed one by one': [
    [at(50, 700, 'M'), at(60, 700, 'A'), at(68, 700, 'T')].join('\n'),
    ['MAT'],
  ],
  'a line that is raised a little is the same line': [
    [at(50, 700, 'mot'), at(100, 701.5, 'hai')].join('\n'),
    ['mot hai'],
  ],
  'what a form draws': [`${at(50, 700, 'mot')}\n/Fm Do`, ['mot', 'TOI MAT'], at(50, 300, 'TOI MAT')],
  'a text that is turned': ['BT /F 12 Tf 0 1 -1 0 300 300 Tm (TUYET MAT) Tj ET', ['TUYET MAT']],
  'nothing drawn': ['', []],
}

for (const [what, [content, lines, form]] of Object.entries(DRAWN))
  t.test(`read as lines: ${what}`, async (t) => {
    const read = await linesOfPdf(page({ content, ...(form && { form }) }))
    t.strictSame(
      read?.map((line) => line.trim()).filter((line) => line !== ''),
      lines,
    )
  })

/** So many bytes of one letter, packed. */
async function packed(letter: string, mebibytes: number): Promise<string> {
  const deflate = createDeflate({ level: 9 })
  const parts: Buffer[] = []
  deflate.on('data', (part: Buffer) => parts.push(part))
  for (let written = 0; written < mebibytes; written += 1)
    if (!deflate.write(Buffer.alloc(MIB, letter))) await once(deflate, 'drain')
  deflate.end()
  await once(deflate, 'end')
  return Buffer.concat(parts).toString('latin1')
}

for (const [what, letter] of Object.entries({ 'white space': ' ', 'nested arrays': '[' }))
  t.test(
    `a small file that swells to gigabytes of ${what} is not read, and takes little memory`,
    async (t) => {
      const content = await packed(letter, 600)
      const file = page({ content, filter: '/Filter /FlateDecode' })
      t.ok(file.length < MIB)
      const before = process.memoryUsage().rss
      let peak = before
      const looking = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss)
      }, 20)
      const read = await linesOfPdf(file)
      clearInterval(looking)
      t.equal(read, undefined)
      t.ok(peak - before < 450 * MIB, `${((peak - before) / MIB).toFixed(0)} MiB more at most`)
    },
  )

t.test('a page that breaks off is told as one that was not read', async (t) => {
  t.equal(await linesOfPdf(page({ content: `${at(50, 700, 'mot')}\n/Nothing Do (` })), undefined)
})
