import { constants, createHash, type KeyObject, publicEncrypt } from 'node:crypto'

/** Parameters of RSASSA-PSS (RFC 8017 §8.1), names of hashes as node:crypto has them. */
export interface PssParameters {
  readonly hash: string | null
  readonly maskHash?: string
  readonly saltLength?: number
}

/**
 * Whether a value fits under RSASSA-PSS where MGF1 uses another hash than the message: node:crypto verifies only with
 * one for both. The RSA operation is OpenSSL's; the encoding is checked here (EMSA-PSS-VERIFY, RFC 8017 §9.1.2).
 * @param digest of the message, by `parameters.hash`
 * @throws Error where the key or the value is not of RSA's shape
 */
export function fitsPss(
  parameters: PssParameters,
  key: KeyObject,
  digest: Uint8Array,
  value: Uint8Array,
): boolean {
  const { hash, maskHash, saltLength } = parameters
  const modulusBits = key.asymmetricKeyDetails?.modulusLength
  if (hash === null || modulusBits === undefined || saltLength === undefined) return false
  const size = Math.ceil(modulusBits / 8)
  if (value.length !== size) return false
  const opened = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, value)
  const encodedBits = modulusBits - 1
  const length = Math.ceil(encodedBits / 8)
  // A modulus of 8k + 1 bits leaves an octet before the encoding, which must be zero.
  if (size > length && opened[0] !== 0) return false
  return fitsEncoding(opened.subarray(size - length), encodedBits, digest, hash, maskHash ?? hash, saltLength)
}

function fitsEncoding(
  encoded: Buffer,
  bits: number,
  digest: Uint8Array,
  hash: string,
  maskHash: string,
  saltLength: number,
): boolean {
  const maskedLength = encoded.length - digest.length - 1
  if (maskedLength < saltLength + 1 || encoded.at(-1) !== 0xbc) return false
  const found = encoded.subarray(maskedLength, -1)
  const unused = 8 * encoded.length - bits
  const top = 0xff >> unused
  if ((encoded[0]! & ~top) !== 0) return false
  const mask = mgf1(found, maskedLength, maskHash)
  const block = encoded.subarray(0, maskedLength).map((byte, index) => byte ^ mask[index]!)
  block[0] = block[0]! & top
  const padding = maskedLength - saltLength - 1
  if (block.subarray(0, padding).some((byte) => byte !== 0) || block[padding] !== 1) return false
  const salt = block.subarray(padding + 1)
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest().equals(found)
}

/** RFC 8017 §B.2.1. */
function mgf1(seed: Uint8Array, length: number, hash: string): Buffer {
  const blocks: Buffer[] = []
  for (let counter = 0, size = 0; size < length; counter++) {
    const octets = Buffer.alloc(4)
    octets.writeUInt32BE(counter)
    const block = createHash(hash).update(seed).update(octets).digest()
    blocks.push(block)
    size += block.length
  }
  return Buffer.concat(blocks, length)
}
