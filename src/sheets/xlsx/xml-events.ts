import sax from 'sax'
import { SHEET_LIMITS } from '../limits.ts'
import { beyond, unreadable } from '../refuse.ts'

/** What a part of a workbook is read by: names come without prefixes. */
export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void
  close?(name: string): void
  text?(text: string): void
}

// Entities other than the five of XML are unknown to the parser: there is nothing to expand.
const OPTIONS = { strictEntities: true, position: false }

/**
 * Reads a part as it is unpacked, without a tree.
 * @throws GatewayError `sheet-invalid` for what is not well-formed, not UTF-8, has a DOCTYPE, or is nested too deep
 */
export async function readXml(chunks: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parser = parserFor(handler)
  for await (const chunk of chunks) parser.write(decoded(() => decoder.decode(chunk, { stream: true })))
  parser.write(decoded(() => decoder.decode())).close()
}

function parserFor(handler: XmlHandler): sax.SAXParser {
  const parser = sax.parser(true, OPTIONS)
  let depth = 0
  parser.onerror = (error) => {
    throw malformed(error.message.split('\n', 1)[0] ?? '')
  }
  parser.ondoctype = () => {
    throw unreadable('xlsx-doctype', {
      vi: 'Tệp .xlsx chứa DOCTYPE; không chương trình bảng tính nào viết như vậy.',
      en: 'The .xlsx holds a DOCTYPE; no spreadsheet program writes one.',
    })
  }
  parser.onopentag = ({ name, attributes }) => {
    if (++depth > SHEET_LIMITS.depth) throw beyond('depth', SHEET_LIMITS.depth)
    handler.open?.(localName(name), attributes as Record<string, string>)
  }
  parser.onclosetag = (name) => {
    depth--
    handler.close?.(localName(name))
  }
  parser.ontext = (text) => handler.text?.(text)
  parser.oncdata = (text) => handler.text?.(text)
  return parser
}

export const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

export const malformed = (what: string): Error =>
  unreadable('xlsx-malformed', {
    vi: `Tệp .xlsx không đọc được (${what}).`,
    en: `The .xlsx cannot be read (${what}).`,
  })

function decoded(read: () => string): string {
  try {
    return read()
  } catch {
    throw malformed('not UTF-8')
  }
}
