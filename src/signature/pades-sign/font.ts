import { readFileSync } from 'node:fs'
import { unsealable } from './refusal.ts'
import { dict, flateStream, type NewObject, reference } from './write.ts'

const FILE = new URL('./fonts/tram-serif.ttf', import.meta.url)
const NAME = '/TRAMVN+TramSerif'
const FLAGS_SERIF_SYMBOLIC = 2 | 4

/** What is read of a TrueType font: glyphs by character, and widths in thousandths of the size. */
export interface Font {
  readonly file: Uint8Array
  glyphOf(character: string): number
  widthOf(glyph: number): number
  readonly ascent: number
  readonly descent: number
  readonly box: readonly number[]
}

let loaded: Font | undefined

/** A serif with the widths of Times New Roman, for Latin and Vietnamese; see fonts/LICENSE.txt. */
export function textFont(): Font {
  loaded ??= readFont(readFileSync(FILE))
  return loaded
}

/** OpenType: tables head, hhea, hmtx, and cmap of format 4. */
function readFont(file: Buffer): Font {
  const table = (tag: string): Buffer => {
    for (let index = 0; index < file.readUInt16BE(4); index++) {
      const at = 12 + index * 16
      if (file.toString('latin1', at, at + 4) === tag)
        return file.subarray(
          file.readUInt32BE(at + 8),
          file.readUInt32BE(at + 8) + file.readUInt32BE(at + 12),
        )
    }
    throw new Error(`the font has no table ${tag}`)
  }
  const [head, hhea, hmtx] = [table('head'), table('hhea'), table('hmtx')]
  const scale = (value: number) => Math.round((value * 1000) / head.readUInt16BE(18))
  const measured = hhea.readUInt16BE(34)
  const glyphs = readCmap(table('cmap'))
  return {
    file,
    glyphOf: (character) => glyphs.get(character.codePointAt(0)!) ?? 0,
    widthOf: (glyph) => scale(hmtx.readUInt16BE(4 * Math.min(glyph, measured - 1))),
    ascent: scale(hhea.readInt16BE(4)),
    descent: scale(hhea.readInt16BE(6)),
    box: [36, 38, 40, 42].map((at) => scale(head.readInt16BE(at))),
  }
}

function readCmap(cmap: Buffer): Map<number, number> {
  const at = cmap.readUInt32BE(8)
  if (cmap.readUInt16BE(at) !== 4) throw new Error('the font has no character map of format 4')
  const segments = cmap.readUInt16BE(at + 6) / 2
  const field = (block: number, index: number) =>
    at + 14 + block * segments * 2 + index * 2 + (block > 0 ? 2 : 0)
  const glyphs = new Map<number, number>()
  for (let index = 0; index < segments; index++) {
    const [end, start] = [cmap.readUInt16BE(field(0, index)), cmap.readUInt16BE(field(1, index))]
    const delta = cmap.readUInt16BE(field(2, index))
    const rangeAt = field(3, index)
    const range = cmap.readUInt16BE(rangeAt)
    for (let code = start; code <= end && code !== 0xffff; code++) {
      const raw = range === 0 ? code : cmap.readUInt16BE(rangeAt + range + (code - start) * 2)
      if (raw !== 0) glyphs.set(code, (raw + delta) & 0xffff)
    }
  }
  return glyphs
}

/** A line as glyphs. @throws GatewayError `pdf-unsealable` where the font lacks a character */
export function glyphsOf(text: string): number[] {
  const font = textFont()
  return [...text.normalize('NFC')].map((character) => {
    const glyph = font.glyphOf(character)
    if (glyph === 0) throw unsealable('text-unwritable', character)
    return glyph
  })
}

/** In thousandths of the size. */
export const lineWidth = (text: string): number =>
  glyphsOf(text).reduce((sum, glyph) => sum + textFont().widthOf(glyph), 0)

const hex4 = (value: number): string => value.toString(16).padStart(4, '0')
export const glyphHex = (text: string): string => `<${glyphsOf(text).map(hex4).join('')}>`

/**
 * The font embedded for some lines (ISO 32000-2 §9.7): codes are glyphs, and a map leads back to Unicode, so that what
 * is shown can be searched and copied.
 * @param next gives numbers for objects
 */
export function fontObjects(
  lines: readonly string[],
  next: () => number,
): { font: number; objects: NewObject[] } {
  const own = textFont()
  const characters = [...new Set(lines.join('').normalize('NFC'))]
  const glyphs = new Map(characters.map((character) => [own.glyphOf(character), character]))
  const [font, descendant, descriptor, file, toUnicode] = [next(), next(), next(), next(), next()]
  const widths = [...glyphs.keys()].sort((a, b) => a - b).flatMap((glyph) => [glyph, [own.widthOf(glyph)]])
  const object = (number: number, entries: Parameters<typeof dict>[0]): NewObject => ({
    number,
    generation: 0,
    value: dict(entries),
  })
  const objects = [
    object(font, {
      Type: '/Font',
      Subtype: '/Type0',
      BaseFont: NAME,
      Encoding: '/Identity-H',
      DescendantFonts: [reference(descendant)],
      ToUnicode: reference(toUnicode),
    }),
    object(descendant, {
      Type: '/Font',
      Subtype: '/CIDFontType2',
      BaseFont: NAME,
      CIDSystemInfo: dict({ Registry: '(Adobe', Ordering: '(Identity', Supplement: 0 }),
      FontDescriptor: reference(descriptor),
      CIDToGIDMap: '/Identity',
      DW: 500,
      W: widths,
    }),
    object(descriptor, {
      Type: '/FontDescriptor',
      FontName: NAME,
      Flags: FLAGS_SERIF_SYMBOLIC,
      FontBBox: own.box,
      ItalicAngle: 0,
      Ascent: own.ascent,
      Descent: own.descent,
      CapHeight: 662,
      StemV: 80,
      FontFile2: reference(file),
    }),
    flateStream(file, { Length1: own.file.length }, own.file, true),
    flateStream(toUnicode, {}, Buffer.from(unicodeMap(glyphs), 'latin1')),
  ]
  return { font, objects }
}

/** ISO 32000-2 §9.10.3. */
function unicodeMap(glyphs: ReadonlyMap<number, string>): string {
  const utf16 = (character: string) => Buffer.from(character, 'utf16le').swap16().toString('hex')
  const pairs = [...glyphs].map(([glyph, character]) => `<${hex4(glyph)}> <${utf16(character)}>`)
  const blocks: string[] = []
  for (let at = 0; at < pairs.length; at += 100) {
    const block = pairs.slice(at, at + 100)
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`)
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n')
}
