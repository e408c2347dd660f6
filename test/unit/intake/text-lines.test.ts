import t from 'tap'
import { linesOfPdf } from '../../../src/intake/text-readers.ts'

const streamOf = (content: string, dictionary = ''): string =>
  `<< ${dictionary} /Length ${content.length} >>\nstream\n${content}\nendstream`

/** A page on which this is drawn, with a form XObject `/Fm` that may be drawn, too. @returns a PDF as bytes */
function page(content: string, form = ''): Buffer {
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'
  const resources = `/Resources << /Font << /F ${font} >> /XObject << /Fm 5 0 R >> >>`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R ${resources} >>`,
    streamOf(content),
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
    const read = await linesOfPdf(page(content, form))
    t.strictSame(
      read?.map((line) => line.trim()).filter((line) => line !== ''),
      lines,
    )
  })
