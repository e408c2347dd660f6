import type { XmlElementNode, XmlRoot } from '../../xml/nodes.ts'
import { type Canonicalization, canonicalForm, type NodeSet } from './xml-canonical.ts'

/**
 * The canonical octets of a document, or of an element of it, where they are those of its file, parts that are left out
 * apart: most signed packets are written so. Undefined where the form has to be written anew.
 */
export function canonicalAsWritten(set: NodeSet, method: Canonicalization): Buffer | undefined {
  const { apex, without, only } = set
  const element = apex.kind === 'root' ? apex.root : apex
  const span = spanOf(element)
  const gaps = span && gapsOf(without ?? NOTHING, span)
  if (span === undefined || gaps === undefined || only !== undefined) return undefined
  const isWhole = element.parent.kind === 'root'
  const source = rootOf(element).source
  if (source === undefined || (method.mode === 'exclusive' && !(isWhole && isPlainList(method))))
    return undefined
  const odd = method.mode === 'exclusive' ? [...source.odd, ...source.unused] : source.odd
  // The tag of an inner element has to tell what is in force around it.
  const from = isWhole || gaps.some((gap) => holds(gap, span.from)) ? span.from : (element.inside ?? 0)
  const rest = { from, to: span.to }
  // An empty-element tag has no end to go on with.
  if (from === span.to) return undefined
  if (odd.some((at) => holds(rest, at) && !gaps.some((gap) => holds(gap, at)))) return undefined
  const tag = from === span.from ? [] : [tagOf(element, method)]
  const parts = [...tag, ...piecesOf(source.bytes, rest, gaps)]
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

const NOTHING: ReadonlySet<XmlElementNode> = new Set()

const isPlainList = ({ prefixes = [] }: Canonicalization): boolean => prefixes.length === 0

const holds = ({ from, to }: Span, at: number): boolean => at >= from && at < to

function rootOf(element: XmlElementNode): XmlRoot {
  let { parent } = element
  while (parent.kind === 'element') ({ parent } = parent)
  return parent
}

/** The canonical tag with which an element begins. */
function tagOf(element: XmlElementNode, method: Canonicalization): Buffer {
  const { text } = canonicalForm({ apex: { ...element, children: [] } }, method)
  return Buffer.from(text.slice(0, -`</${element.name}>`.length))
}

function piecesOf(bytes: Buffer, { from, to }: Span, gaps: readonly Span[]): Buffer[] {
  const parts: Buffer[] = []
  let at = from
  for (const gap of gaps) {
    if (gap.to <= at || gap.from >= to) continue
    if (gap.from > at) parts.push(bytes.subarray(at, gap.from))
    at = gap.to
  }
  if (at < to) parts.push(bytes.subarray(at, to))
  return parts
}

interface Span {
  readonly from: number
  readonly to: number
}

const spanOf = ({ from = 0, to = 0 }: XmlElementNode): Span | undefined =>
  to > from ? { from, to } : undefined

/** Within a span, in document order; undefined where one has no place in the file, or there are more than are worth it. */
function gapsOf(without: ReadonlySet<XmlElementNode>, { from, to }: Span): Span[] | undefined {
  if (without.size > MAX_GAPS) return undefined
  const gaps = [...without].map(spanOf)
  if (!gaps.every((one) => one !== undefined)) return undefined
  return gaps.filter((gap) => gap.from >= from && gap.to <= to).sort((a, b) => a.from - b.from)
}

const MAX_GAPS = 64
