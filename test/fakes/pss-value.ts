import { constants, createHash, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto'

/**
 * A value of RSASSA-PSS whose MGF1 uses another hash than the message (RFC 8017 §9.1.1), by hand: node:crypto makes
 * none. The modulus must have a multiple of eight bits.
 */
export function pssValue(
  key: KeyObject,
  message: Uint8Array,
  hash: string,
  maskHash: string,
  saltLength: number,
): Buffer {
  const length = key.asymmetricKeyDetails!.modulusLength! / 8
  const salt = randomBytes(saltLength)
  const digest = createHash(hash).update(message).digest()
  const seed = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest()
  const block = Buffer.alloc(length - seed.length - 1)
  block[block.length - saltLength - 1] = 1
  salt.copy(block, block.length - saltLength)
  for (let counter = 0, at = 0; at < block.length; counter++) {
    const octets = Buffer.alloc(4)
    octets.writeUInt32BE(counter)
    for (const byte of createHash(maskHash).update(seed).update(octets).digest()) {
      if (at < block.length) block[at] = block[at]! ^ byte
      at++
    }
  }
  block[0]! &= 0x7f
  const encoded = Buffer.concat([block, seed, Uint8Array.of(0xbc)])
  return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encoded)
}
