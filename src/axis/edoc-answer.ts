import { asciiJson } from './ascii-json.ts'
import { writeBeside } from './beside-packet.ts'
import type { BesidePacket } from './client-types.ts'

/** A body with its length in bytes. */
export interface SizedBody {
  readonly length: number
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * The answer of getEdoc, written as the packet is read: its base64 is never held whole. `data` stands last, so that an
 * answer that breaks off is no JSON, and a gateway knows seal and hops before the packet begins.
 * @param beside for gateways of this kind alone
 */
export function edocAnswer(packet: SizedBody, beside?: BesidePacket): SizedBody {
  const { seal, hops } = beside ? writeBeside(beside) : {}
  const opening = asciiJson({
    status: 'OK',
    ErrorCode: '0',
    ErrorDesc: 'Success',
    ...(seal !== undefined && { tramSeal: seal }),
    ...(hops !== undefined && { tramHops: hops }),
    data: '',
  }).slice(0, -'"}'.length)
  return {
    length: opening.length + 4 * Math.ceil(packet.length / 3) + '"}'.length,
    content: quoted(opening, packet.content),
  }
}

async function* quoted(opening: string, packet: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(opening, 'ascii')
  yield* base64Of(packet)
  yield Buffer.from('"}', 'ascii')
}

/** Base64 (RFC 4648 §4) of bytes as they come. */
export async function* base64Of(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array()
  for await (const chunk of content) {
    const all =
      rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([rest, chunk])
    const whole = all.length - (all.length % 3)
    rest = Uint8Array.from(all.subarray(whole))
    if (whole > 0) yield Buffer.from(all.toString('base64', 0, whole), 'ascii')
  }
  if (rest.length > 0) yield Buffer.from(Buffer.from(rest).toString('base64'), 'ascii')
}
