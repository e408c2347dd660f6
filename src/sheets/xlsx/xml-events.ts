import { Parser } from 'saxen'
import { SHEET_LIMITS } from '../limits.ts'
import { beyond, unreadable } from '../refuse.ts'

export type Attributes = Readonly<Record<string, string>>

/** What a part of a workbook is read by: names come without prefixes. */
export interface XmlHandler {
  open?(name: string, attributes: () => Attributes): void
  close?(name: string): void
  text?(text: string): void
}

/** Characters between two marks of XML: the longest cell, with every character of it escaped. */
const MOST_BETWEEN_MARKS = 10 * SHEET_LIMITS.cellCharacters

/**
 * Reads a part as it is unpacked, without a tree.
 * @throws GatewayError `sheet-invalid` for what is not well-formed, not UTF-8, has a DOCTYPE, or is nested too deep
 */
export async function readXml(chunks: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const progress = { depth: 0, waiting: 0, elements: 0 }
  const parser = parserFor(handler, progress)
  for await (const chunk of chunks) {
    const text = decoded(() => decoder.decode(chunk, { stream: true }))
    progress.waiting += text.length
    parser.write(text)
    // What has no mark in it is looked through again with each chunk.
    if (progress.waiting > MOST_BETWEEN_MARKS) throw malformed('too much without an element')
  }
  parser.write(decoded(() => decoder.decode())).end()
  if (progress.elements === 0) throw malformed('no XML')
}

function parserFor(
  handler: XmlHandler,
  progress: { depth: number; waiting: number; elements: number },
): Parser {
  const refuse = ({ message }: Error): never => {
    throw malformed(message.slice(0, 200))
  }
  return new Parser()
    .on('error', refuse)
    .on('warn', refuse)
    .on('attention', () => {
      throw unreadable('xlsx-doctype', {
        vi: 'Tệp .xlsx chứa DOCTYPE; không chương trình bảng tính nào viết như vậy.',
        en: 'The .xlsx holds a DOCTYPE; no spreadsheet program writes one.',
      })
    })
    .on('openTag', (name, attributes) => {
      progress.waiting = 0
      if (++progress.elements > SHEET_LIMITS.elements) throw beyond('elements', SHEET_LIMITS.elements)
      if (++progress.depth > SHEET_LIMITS.depth) throw beyond('depth', SHEET_LIMITS.depth)
      handler.open?.(localName(name), () => {
        const found = attributes()
        return found instanceof Error ? refuse(found) : found
      })
    })
    .on('closeTag', (name) => {
      progress.waiting = 0
      progress.depth--
      handler.close?.(localName(name))
    })
    .on('text', (text, decode) => handler.text?.(text.includes('&') ? decodeText(text, decode) : text))
    .on('cdata', (text) => handler.text?.(text))
}

/** Without a DOCTYPE there are five entities, and characters by their number. */
function decodeText(text: string, decode: (text: string) => string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/.test(text))
    throw malformed('an unknown entity')
  return decode(text)
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** @param what for whoever makes such files, in English; those who keep tables are told what to do */
export const malformed = (what: string): Error =>
  unreadable('xlsx-malformed', {
    vi: 'Tệp hỏng hoặc không phải .xlsx; hãy mở bằng bảng tính rồi lưu lại thành .xlsx.',
    en: `The .xlsx cannot be read (${what}).`,
  })

function decoded(read: () => string): string {
  try {
    return read()
  } catch {
    throw malformed('not UTF-8')
  }
}
