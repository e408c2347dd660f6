import { randomBytes } from 'node:crypto'
import type { XmlCut } from '../../xml/nodes.ts'
import { elementsOf, type XmlElementNode, type XmlRoot, type XmlTextNode } from '../../xml/nodes.ts'
import type { ByteSource } from '../byte-source.ts'
import { type SignatureStop, unverifiable } from '../checks.ts'
import { canonicalChunks, findCuts } from './xml-cuts.ts'
import { isDsig } from './xmldsig-tree.ts'

/** An XML file without its long texts of base64, each of which has a mark in its place. */
export interface XmlSkeleton {
  readonly bytes: Uint8Array
  readonly cuts: ReadonlyMap<string, XmlCut>
}

/**
 * Reads a file without its long texts.
 * @param least bytes of a text that is left out
 * @param most bytes of a skeleton
 * @returns undefined where nothing can be left out, or more remains than `most`
 */
export async function readSkeleton(
  source: ByteSource,
  least: number,
  most: number,
): Promise<XmlSkeleton | undefined> {
  const found = await findCuts(source, least)
  const left = found.reduce((length, { start, end }) => length - (end - start), source.length)
  if (found.length === 0 || left + found.length * 64 > most) return undefined
  // Nobody can write into a file what is chosen after it.
  const mark = `cut-${randomBytes(16).toString('hex')}-`
  const cuts = new Map<string, XmlCut>()
  const parts: Uint8Array[] = []
  let at = 0
  for (const cut of found) {
    const name = `${mark}${cuts.size}`
    cuts.set(name, cut)
    parts.push(await source.read(at, cut.start), Buffer.from(name))
    at = cut.end
  }
  parts.push(await source.read(at, source.length))
  return { bytes: Buffer.concat(parts), cuts }
}

/** Bytes of long texts in signatures that are read all the same: certificates, CRLs, timestamps. */
const MAX_RESTORED = 16 * 1024 * 1024

/**
 * Puts each cut in the place of its mark, and inside signatures, where every word is looked at, the text itself. A mark
 * must be the whole of a text: then what was left out, which holds no markup, is the whole of it in the file.
 * @param refuse what is thrown where somebody asks for the characters of a cut
 * @throws SignatureStop `unverifiable` where a mark stands anywhere else, as in a comment
 */
export async function placeCuts(
  root: XmlRoot,
  cuts: XmlSkeleton['cuts'],
  source: ByteSource,
  refuse: () => SignatureStop,
): Promise<void> {
  let placed = 0
  let left = MAX_RESTORED
  // What the tree was read from holds marks.
  root.source = undefined
  for (const element of elementsOf(root)) {
    for (const [index, node] of element.children.entries()) {
      const cut = node.kind === 'text' ? cuts.get(node.value) : undefined
      if (cut === undefined || node.kind !== 'text') continue
      const length = cut.end - cut.start
      const isRestored = length <= left && isInSignature(element)
      if (isRestored) left -= length
      element.children[index] = isRestored
        ? { kind: 'text', value: await textOf(source, cut), parent: node.parent, order: node.order }
        : new CutText(node, cut, refuse)
      placed += 1
    }
  }
  if (placed !== cuts.size) throw unverifiable('form', 'xml-too-large', 'base64')
}

function isInSignature(element: XmlElementNode): boolean {
  for (let node: XmlElementNode | XmlRoot = element; node.kind === 'element'; node = node.parent)
    if (isDsig(node, 'Signature')) return true
  return false
}

async function textOf(source: ByteSource, cut: XmlCut): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of canonicalChunks(source, cut)) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('latin1').replaceAll('&#xD;', '\r')
}

/** A text whose characters are not at hand. Whoever was not made to do without them fails closed. */
class CutText implements XmlTextNode {
  readonly kind = 'text'
  readonly parent: XmlElementNode | XmlRoot
  readonly order: number
  readonly cut: XmlCut
  readonly #refuse: () => SignatureStop

  constructor({ parent, order }: XmlTextNode, cut: XmlCut, refuse: () => SignatureStop) {
    this.parent = parent
    this.order = order
    this.cut = cut
    this.#refuse = refuse
  }

  get value(): string {
    throw this.#refuse()
  }
}
