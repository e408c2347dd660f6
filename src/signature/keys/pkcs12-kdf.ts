import { createHash } from 'node:crypto'

interface KdfHash {
  readonly name: string
  /** Bytes that the compression function takes: v / 8 of RFC 7292 appendix B. */
  readonly block: number
}

/** The hashes of integrity checks, by their OID. */
export const MAC_HASHES: Readonly<Record<string, KdfHash>> = {
  '1.3.14.3.2.26': { name: 'sha1', block: 64 },
  '2.16.840.1.101.3.4.2.4': { name: 'sha224', block: 64 },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', block: 64 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', block: 128 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', block: 128 },
}
export const MAC_SHA256 = '2.16.840.1.101.3.4.2.1'

/** What a derived value is for (RFC 7292 appendix B.3). */
export const PURPOSE = { mac: 3 } as const

/**
 * A key as long as the hash from a passphrase (RFC 7292 appendix B.2). One block is all that an integrity key needs,
 * so the step that prepares a second one is left out.
 * @param passphrase written as UTF-16BE with two zero bytes at its end (appendix B.1)
 */
export function derivePkcs12Key(
  { name, block }: KdfHash,
  purpose: number,
  passphrase: string,
  salt: Uint8Array,
  iterations: number,
): Buffer {
  const password = Buffer.from(`${passphrase}\0`, 'utf16le').swap16()
  const input = [Buffer.alloc(block, purpose), filled(salt, block), filled(password, block)]
  let value = createHash(name).update(Buffer.concat(input)).digest()
  for (let round = 1; round < iterations; round++) value = createHash(name).update(value).digest()
  return value
}

/** Repeated to a whole number of blocks. */
const filled = (bytes: Uint8Array, block: number): Buffer =>
  Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes.length === 0 ? 0 : bytes)
