import type { XmlElementNode, XmlRoot } from '../xml/nodes.ts'
import { readPlainXml } from '../xml/plain-read.ts'
import { PlainText } from '../xml/plain-text.ts'
import { decodeBase64 } from './base64.ts'
import type { Attribute, Element } from './element.ts'
import type { PacketLimits } from './limits.ts'
import { CONTENT_PATH } from './names.ts'
import { PROLOG_BYTES } from './prolog.ts'

/** A packet that was read whole, in one pass. */
export interface PlainPacket {
  /** The same as a tree, for checking its signatures. */
  readonly tree: XmlRoot
  readonly root: Element
  /** The decoded content of each attachment, in the order of the packet. */
  readonly contents: readonly PlainContent[]
}

export interface PlainContent {
  readonly element: Element
  readonly bytes: Buffer
}

/** Ends the reading of what has to be looked at closer. */
const NOT_PLAIN = new Error('not plain')
/** The text of a content element: that there is one counts, and no more. */
const CONTENT_TEXT = '…'
/** More than stands for a content in a skeleton. */
const PLACEHOLDER_BYTES = 64
const LINE_FEED = 10
/** U+FEFF: where a long text or value begins with it, the reader of any packet gets that without it. */
const MARK = Buffer.from('\ufeff')
/** The last line that libxml2 tells of an element as it is. */
const LAST_LINE = 65_535
const NO_ATTRIBUTES: readonly Attribute[] = []

/**
 * Reads a packet of plain XML (`xml/plain.ts`) of which nothing is to be told: no fault of bytes, base64 or limits.
 * Undefined for any other: `stagePacket` and `readSkeleton` read it, and say what is wrong. Where both read a packet, they
 * read the same.
 */
export function readPlainPacket(bytes: Buffer, limits: PacketLimits): PlainPacket | undefined {
  if (bytes.length > limits.packetBytes || holdsLoneReturn(bytes) || bytes.includes(MARK)) return undefined
  const tree = readPlainXml(bytes)
  // How far into a packet its XML may begin is for the reader of any packet to say.
  if (tree?.source === undefined || (tree.root.from ?? 0) >= PROLOG_BYTES) return undefined
  const reader = new PlainPacketReader(tree.source.bytes, limits)
  try {
    const root = reader.read(tree.root)
    return { tree, root, contents: reader.contents }
  } catch (error) {
    if (error === NOT_PLAIN) return undefined
    throw error
  }
}

/** It ends a line for the reader of plain XML, and none where lines are counted by their feeds. */
const holdsLoneReturn = (bytes: Buffer): boolean =>
  bytes.includes('\r') && /\r(?!\n)/.test(bytes.toString('latin1'))

class PlainPacketReader {
  readonly contents: PlainContent[] = []
  readonly #bytes: Buffer
  readonly #limits: PacketLimits
  #elements = 0
  #line = 1
  /** The first line feed that is not counted yet. */
  #feed: number

  constructor(bytes: Buffer, limits: PacketLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#feed = bytes.indexOf(LINE_FEED)
  }

  read(node: XmlElementNode): Element {
    const root = this.#element(node, null, 0, true)
    const { attachments, skeletonBytes } = this.#limits
    const count = this.contents.length
    if (count > attachments || this.#bytes.length + count * PLACEHOLDER_BYTES > skeletonBytes) throw NOT_PLAIN
    return root
  }

  /** @param isOnPath whether all around it stand on the way to contents */
  #element(node: XmlElementNode, parent: Element | null, depth: number, isOnPath: boolean): Element {
    this.#elements += 1
    if (this.#elements > this.#limits.elements || depth >= this.#limits.depth) throw NOT_PLAIN
    const isNext = isOnPath && CONTENT_PATH[depth] === node.local
    const isContent = isNext && depth === CONTENT_PATH.length - 1
    const children: Element[] = []
    const element = {
      name: node.local,
      namespace: node.uri,
      line: this.#lineAt(node.inside ?? 0),
      text: isContent ? CONTENT_TEXT : '',
      attributes: attributesOf(node),
      interrupted: false,
      parent,
      children,
    }
    if (isContent) this.contents.push({ element, bytes: contentOf(node) })
    else element.text = this.#below(node, element, depth, isNext)
    return element
  }

  /** Reads what stands in an element. @returns its own text, trimmed */
  #below(node: XmlElementNode, element: Element & { children: Element[] }, depth: number, isNext: boolean) {
    let text = ''
    for (const child of node.children) {
      if (child.kind === 'element') element.children.push(this.#element(child, element, depth + 1, isNext))
      else if (child.kind === 'text') text += child.value
      else throw NOT_PLAIN
    }
    return text.trim()
  }

  /** 1-based. Places are asked for in their order. */
  #lineAt(place: number): number {
    while (this.#feed >= 0 && this.#feed < place) {
      this.#line += 1
      this.#feed = this.#bytes.indexOf(LINE_FEED, this.#feed + 1)
    }
    if (this.#line > LAST_LINE) throw NOT_PLAIN
    return this.#line
  }
}

const attributesOf = ({ attributes }: XmlElementNode): readonly Attribute[] =>
  attributes.length === 0 ? NO_ATTRIBUTES : attributes.map(({ local, value }) => ({ name: local, value }))

function contentOf({ children }: XmlElementNode): Buffer {
  const [text, ...others] = children
  if (!(text instanceof PlainText) || others.length > 0) throw NOT_PLAIN
  const bytes = decodeBase64(text.octets())
  if (bytes === undefined || bytes.length === 0) throw NOT_PLAIN
  return bytes
}
