import { type ScannedTag, TagScanner } from './tag-scanner.ts'

/** Where a TraceHeader goes in a packet. */
export interface TracePlace {
  /** Offset in bytes. */
  readonly at: number
  /** Bytes from there that make way: the end of an empty-element tag. */
  readonly replaces: number
  /** With its colon; empty where the packet uses none. */
  readonly prefix: string
  /** What holds it: a list that is there, one that is there and empty (`<…/>`), or none. */
  readonly list: 'open' | 'empty' | 'none'
  /** The list as the packet writes its name. */
  readonly listName: string
}

const HEADER = ['edXMLEnvelope', 'edXMLHeader']
const localName = (name: string): string => name.slice(name.indexOf(':') + 1)
const prefixOf = (name: string): string => name.slice(0, name.indexOf(':') + 1)

/**
 * Finds where a TraceHeader is to be written: after the last one, at the beginning of a list that has none (before
 * Bussiness, as the official samples have it), or in a new list after MessageHeader. Null for a status, which has no such
 * list (QCVN 102:2016, samples). Reads no further than the end of the header.
 * @param content the bytes of a packet that `parsePacket` took
 * @throws RangeError where there is no header with a MessageHeader
 */
export async function findTracePlace(content: AsyncIterable<Uint8Array>): Promise<TracePlace | null> {
  const scanner = new TagScanner()
  const header = new HeaderWatch()
  for await (const chunk of content)
    for (const tag of scanner.feed(chunk)) if (header.take(tag)) return header.place()
  throw new RangeError('a packet without a header')
}

/** Follows the tags of a packet as far as the end of its header. */
class HeaderWatch {
  readonly #path: string[] = []
  #isStatus = false
  #afterMessage: ScannedTag | undefined
  #list: ScannedTag | undefined
  #lastTrace: ScannedTag | undefined

  /** Returns true at the end of the header. */
  take(tag: ScannedTag): boolean {
    const name = localName(tag.name)
    if (tag.kind === 'close') this.#path.pop()
    const inside = this.#inHeader()
    if (inside !== undefined) this.#look(tag, name, inside)
    if (tag.kind === 'open') this.#path.push(name)
    return tag.kind === 'close' && name === 'edXMLHeader' && this.#path.length === HEADER.length
  }

  /** The names between header and present tag; undefined outside of the header. The root may be called anything. */
  #inHeader(): readonly string[] | undefined {
    const [, ...path] = this.#path
    return HEADER.every((name, index) => path[index] === name) ? path.slice(HEADER.length) : undefined
  }

  #look(tag: ScannedTag, name: string, inside: readonly string[]): void {
    const [parent] = inside
    if (inside.length === 0) {
      if (name === 'TraceHeaderList' && tag.kind !== 'close') this.#list ??= tag
      if (name === 'MessageHeader' && tag.kind !== 'open') this.#afterMessage ??= tag
    } else if (inside.length === 1) {
      if (parent === 'MessageHeader' && name === 'StatusCode') this.#isStatus = true
      if (parent === 'TraceHeaderList' && name === 'TraceHeader' && tag.kind !== 'open') this.#lastTrace = tag
    }
  }

  place(): TracePlace | null {
    if (this.#isStatus) return null
    const [list, message] = [this.#list, this.#afterMessage]
    if (list !== undefined) {
      const place = { prefix: prefixOf(list.name), listName: list.name, replaces: 0 }
      if (list.kind === 'empty') return { ...place, at: list.end - 2, replaces: 2, list: 'empty' }
      return { ...place, at: (this.#lastTrace ?? list).end, list: 'open' }
    }
    if (message === undefined) throw new RangeError('a packet without MessageHeader')
    const prefix = prefixOf(message.name)
    return { at: message.end, replaces: 0, prefix, list: 'none', listName: `${prefix}TraceHeaderList` }
  }
}
