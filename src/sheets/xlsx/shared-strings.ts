import { SHEET_LIMITS } from '../limits.ts'
import { beyond } from '../refuse.ts'
import { unescapeText } from './escaped-text.ts'
import type { Package } from './package.ts'
import { readXml } from './xml-events.ts'

/** The texts that cells name by number. Of rich text the characters count, of Japanese readings nothing. */
export async function readSharedStrings(files: Package, path: string): Promise<readonly string[]> {
  const strings: string[] = []
  let characters = 0
  let parts = ''
  let inText = false
  let inReading = false
  await readXml(files.part(path), {
    open: (name) => {
      if (name === 'si') parts = ''
      else if (name === 'rPh') inReading = true
      else if (name === 't') inText = !inReading
    },
    text: (text) => {
      if (!inText) return
      parts += text
      characters += text.length
      if (characters > SHEET_LIMITS.characters) throw beyond('characters', SHEET_LIMITS.characters)
    },
    close: (name) => {
      if (name === 't') inText = false
      else if (name === 'rPh') inReading = false
      else if (name === 'si') {
        if (strings.length === SHEET_LIMITS.cells) throw beyond('cells', SHEET_LIMITS.cells)
        strings.push(unescapeText(parts))
      }
    },
  })
  return strings
}
