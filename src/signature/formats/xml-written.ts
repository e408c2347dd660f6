import type { Canonicalization, NodeSet } from './xml-canonical.ts'
import type { XmlElementNode } from './xml-nodes.ts'

/**
 * The canonical octets of a whole document where they are those of its file, parts that are left out apart: most signed
 * packets are written so. Undefined where the form has to be written anew.
 */
export function canonicalAsWritten(
  { apex, without, only }: NodeSet,
  { mode, prefixes = [] }: Canonicalization,
): Buffer | undefined {
  const root = apex.kind === 'root' ? apex : apex.parent
  if (root.kind !== 'root' || root.source === undefined || only !== undefined) return undefined
  const { bytes, odd, unused } = root.source
  const gaps = gapsOf(without ?? new Set())
  const top = spanOf(root.root)
  if (gaps === undefined || top === undefined || (mode === 'exclusive' && prefixes.length > 0))
    return undefined
  const isLeftOut = (at: number): boolean => gaps.some(({ from, to }) => at >= from && at < to)
  if (!odd.every(isLeftOut) || (mode === 'exclusive' && !unused.every(isLeftOut))) return undefined
  const parts: Buffer[] = []
  let at = top.from
  for (const { from, to } of gaps) {
    if (from > at) parts.push(bytes.subarray(at, from))
    at = Math.max(at, to)
  }
  if (at < top.to) parts.push(bytes.subarray(at, top.to))
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

interface Span {
  readonly from: number
  readonly to: number
}

const spanOf = ({ from = 0, to = 0 }: XmlElementNode): Span | undefined =>
  to > from ? { from, to } : undefined

/** In document order; undefined where one has no place in the file, or there are more than are worth it. */
function gapsOf(without: ReadonlySet<XmlElementNode>): Span[] | undefined {
  if (without.size > MAX_GAPS) return undefined
  const gaps = [...without].map(spanOf)
  return gaps.every((one) => one !== undefined) ? gaps.sort((a, b) => a.from - b.from) : undefined
}

const MAX_GAPS = 64
