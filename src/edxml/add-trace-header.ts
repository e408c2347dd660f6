import type { Hop } from '../domain/axis/hop.ts'
import { findTracePlace, type TracePlace } from './trace-place.ts'

/** A stored packet, as often as it is asked for. */
export interface StoredPacket {
  /** Bytes. */
  readonly length: number
  readonly open: () => AsyncIterable<Uint8Array>
}

/**
 * The packet with one more TraceHeader (QCVN 102:2016 §2.1: each hop appends one); every other byte stays, and the prefix
 * is the one that the packet uses. A status has no such list, and stays as it is. Signatures over the packet do not hold
 * afterwards, those inside its attachments do.
 * @param packet one that `parsePacket` took; its header is read at once, the rest only as the result is read
 * @throws RangeError where it has no MessageHeader
 */
export async function addTraceHeader(packet: StoredPacket, hop: Hop): Promise<StoredPacket> {
  const place = await findTracePlace(packet.open())
  if (place === null) return packet
  const text = Buffer.from(textOf(place, hop))
  return {
    length: packet.length - place.replaces + text.length,
    open: () => spliced(packet.open(), place, text),
  }
}

function textOf({ prefix, list, listName }: TracePlace, { organId, timestamp }: Hop): string {
  const element = (name: string, content: string) => `<${prefix}${name}>${content}</${prefix}${name}>`
  const trace = element(
    'TraceHeader',
    element('OrganId', escaped(organId)) + element('Timestamp', escaped(timestamp)),
  )
  if (list === 'open') return trace
  return list === 'empty' ? `>${trace}</${listName}>` : `<${listName} version="1.0">${trace}</${listName}>`
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;' })[char] ?? '&gt;')

async function* spliced(
  content: AsyncIterable<Uint8Array>,
  { at, replaces }: TracePlace,
  text: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let offset = 0
  let written = false
  for await (const chunk of content) {
    const cut = at - offset
    offset += chunk.length
    if (written || cut > chunk.length) {
      yield* rest(chunk, at + replaces - (offset - chunk.length), written)
      continue
    }
    written = true
    if (cut > 0) yield chunk.subarray(0, cut)
    yield text
    if (cut + replaces < chunk.length) yield chunk.subarray(cut + replaces)
  }
}

/** A chunk before the place, or after it without what made way there. */
function* rest(chunk: Uint8Array, waysEnd: number, written: boolean): Generator<Uint8Array> {
  const from = written ? Math.max(0, waysEnd) : 0
  if (from < chunk.length) yield chunk.subarray(from)
}
