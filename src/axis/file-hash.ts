import { createHash } from 'node:crypto'
import type { Sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

/** As the vendor's client prints a digest: each byte with `%x`, without the zero in front of a single digit. */
export const unpaddedHash = (sha256: Sha256): string =>
  sha256.replace(/../g, (byte) => (byte.startsWith('0') ? byte.slice(1) : byte))

const CR = 0x0d
const LF = 0x0a

/**
 * Gives the packet back out of a body as it comes: the vendor's client appends CRLF to the file, and makes the hash over
 * the file alone. The last two bytes are held back until the end is known, and dropped where the hash is of what stands
 * before them. Memory stays flat.
 * @param hashFile SHA-256 in hex, padded or as the vendor's client prints it
 * @throws GatewayError `packet-hash-differs` at the end, when the hash is neither of the body nor of the body without a
 * trailing CRLF: what was given before is worth nothing
 */
export async function* packetOfBody(
  body: AsyncIterable<Uint8Array>,
  hashFile: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  const fits = (digest: string) => [digest, unpaddedHash(digest as Sha256)].includes(hashFile.toLowerCase())
  let held: Uint8Array = new Uint8Array()
  for await (const chunk of body) {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const until = Math.max(0, all.length - 2)
    held = Uint8Array.from(all.subarray(until))
    if (until === 0) continue
    hash.update(all.subarray(0, until))
    yield all.subarray(0, until)
  }
  const withoutHeld = hash.copy().digest('hex')
  if (fits(hash.update(held).digest('hex'))) {
    if (held.length > 0) yield held
  } else if (held[0] !== CR || held[1] !== LF || !fits(withoutHeld)) {
    throw new GatewayError('packet-hash-differs')
  }
}
