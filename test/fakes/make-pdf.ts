/** One object of a PDF file, without `n 0 obj` and `endobj`. Latin-1. */
type PdfObject = string

/** What stands on an A4 page between its margins. */
const LINES_OF_A_PAGE = 36

/**
 * A PDF of A4 pages with the given lines, from the top down, in a text layer that every reader can extract:
 * characters outside ASCII (all of Vietnamese) get codes of their own and a ToUnicode map. The font is not embedded,
 * so a viewer draws the pages with whatever it has under that name.
 * @throws RangeError where the lines use more than 223 different characters
 */
export function makePdf(lines: readonly string[]): Uint8Array {
  const codes = codesOf(lines)
  const count = Math.max(1, Math.ceil(lines.length / LINES_OF_A_PAGE))
  const contents = Array.from({ length: count }, (_, page) =>
    contentOf(lines.slice(page * LINES_OF_A_PAGE, (page + 1) * LINES_OF_A_PAGE), codes),
  )
  const pages = contents.map((_, page) => (page === 0 ? 3 : 5 + 2 * page))
  const pageWith = (content: number) =>
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${content} 0 R /Resources << /Font << /F1 5 0 R >> >> >>`
  const [first = '', ...later] = contents
  return fileOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((page) => `${page} 0 R`).join(' ')}] /Count ${count} >>`,
    pageWith(4),
    streamOf(first),
    fontOf(codes),
    streamOf(toUnicode(codes)),
    ...later.flatMap((content, index) => [pageWith(8 + 2 * index), streamOf(content)]),
  ])
}

const contentOf = (lines: readonly string[], codes: ReadonlyMap<string, number>): string =>
  [
    'BT /F1 13 Tf 56 780 Td 20 TL',
    ...lines.map((line) => `<${hexOf(line.normalize('NFC'), codes)}> Tj T*`),
    'ET',
  ].join('\n')

/** Codes 32 to 254: a printable ASCII character is itself, others take the places that are free. */
function codesOf(lines: readonly string[]): Map<string, number> {
  const characters = [...new Set(lines.flatMap((line) => [...line.normalize('NFC')]))]
  const isAscii = (character: string) => character >= ' ' && character <= '~'
  const codes = new Map(characters.filter(isAscii).map((character) => [character, character.charCodeAt(0)]))
  const taken = new Set(codes.values())
  const free = Array.from({ length: 223 }, (_, index) => 254 - index).filter((code) => !taken.has(code))
  for (const character of characters.filter((one) => !isAscii(one))) {
    const code = free.shift()
    if (code === undefined) throw new RangeError('too many different characters for one font')
    codes.set(character, code)
  }
  return codes
}

const byte = (code: number): string => code.toString(16).padStart(2, '0')
const hexOf = (line: string, codes: ReadonlyMap<string, number>): string =>
  [...line].map((character) => byte(codes.get(character)!)).join('')
const utf16 = (character: string): string =>
  Buffer.from(character, 'utf16le').swap16().toString('hex').toUpperCase()

function fontOf(codes: ReadonlyMap<string, number>): PdfObject {
  const differences = [...codes].map(([character, code]) => `${code} /uni${utf16(character)}`).join(' ')
  const widths = Array.from({ length: 224 }, () => 556).join(' ')
  return (
    `<< /Type /Font /Subtype /TrueType /BaseFont /TimesNewRomanPSMT /FirstChar 32 /LastChar 255 /Widths [${widths}] ` +
    `/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [${differences}] >> /ToUnicode 6 0 R >>`
  )
}

function toUnicode(codes: ReadonlyMap<string, number>): string {
  const pairs = [...codes].map(([character, code]) => `<${byte(code)}> <${utf16(character)}>`)
  const blocks: string[] = []
  for (let at = 0; at < pairs.length; at += 100) {
    const block = pairs.slice(at, at + 100)
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`)
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <00> <FF> endcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n')
}

const streamOf = (content: string): PdfObject =>
  `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`

function fileOf(objects: readonly PdfObject[]): Uint8Array {
  let file = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'
  const offsets = objects.map((object, index) => {
    const offset = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  file += `xref\n0 ${size}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}
