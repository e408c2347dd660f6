import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { rc4 } from './pdf-rc4.ts'
import { type PdfDict, PdfDoubt, type PdfValue } from './pdf-syntax.ts'

/** What stands for the rest of a short password (ISO 32000-2 §7.6.4.3.2, algorithm 2 step a). */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex')

/**
 * The file encryption key of a document that is opened with the empty user password.
 * @throws PdfDoubt where another password is needed
 */
export function openWithoutPassword(encryption: PdfDict, id: PdfValue | undefined): Buffer {
  const revision = encryption.get('/R')
  const key =
    revision === 5 || revision === 6
      ? modernKey(encryption, revision)
      : legacyKey(encryption, typeof id === 'string' ? bytesOf(id) : Buffer.alloc(0))
  if (key === undefined) throw new PdfDoubt('encrypted')
  return key
}

function bytesOf(value: PdfValue | undefined): Buffer {
  if (typeof value !== 'string' || !value.startsWith('(')) throw new PdfDoubt('encrypted')
  return Buffer.from(value.slice(1), 'latin1')
}

const md5 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('md5').update(Buffer.concat(parts)).digest()

/** Algorithms 2, 4 and 5, for revisions 2 to 4. */
function legacyKey(encryption: PdfDict, id: Buffer): Buffer | undefined {
  const [revision, permissions] = [encryption.get('/R'), encryption.get('/P')]
  const bits = encryption.get('/V') === 4 ? 128 : (encryption.get('/Length') ?? 40)
  if (typeof revision !== 'number' || typeof permissions !== 'number' || typeof bits !== 'number')
    throw new PdfDoubt('encrypted')
  const length = revision === 2 ? 5 : bits / 8
  if (revision < 2 || revision > 4 || !Number.isInteger(length) || length < 5 || length > 16)
    throw new PdfDoubt('encrypted')
  const flags = Buffer.alloc(4)
  flags.writeInt32LE(permissions | 0)
  const isPlainMetadata = revision === 4 && encryption.get('/EncryptMetadata') === false
  const owner = bytesOf(encryption.get('/O')).subarray(0, 32)
  let hash = md5(PADDING, owner, flags, id, Buffer.alloc(isPlainMetadata ? 4 : 0, 0xff))
  for (let round = 0; revision > 2 && round < 50; round++) hash = md5(hash.subarray(0, length))
  const key = hash.subarray(0, length)
  const user = bytesOf(encryption.get('/U'))
  return fitsUser(key, user, revision, id) ? key : undefined
}

function fitsUser(key: Buffer, user: Buffer, revision: number, id: Buffer): boolean {
  if (revision === 2) return user.subarray(0, 32).equals(rc4(key, PADDING))
  let value: Uint8Array = md5(PADDING, id)
  for (let round = 0; round < 20; round++)
    value = rc4(
      key.map((byte) => byte ^ round),
      value,
    )
  return user.subarray(0, 16).equals(value)
}

/** Algorithms 2.A and 11, for revisions 5 (Adobe's extension level 3) and 6. */
function modernKey(encryption: PdfDict, revision: 5 | 6): Buffer | undefined {
  const user = bytesOf(encryption.get('/U'))
  const sealed = bytesOf(encryption.get('/UE')).subarray(0, 32)
  if (user.length < 48 || sealed.length !== 32) throw new PdfDoubt('encrypted')
  const hash = revision === 5 ? plainHash : hardenedHash
  if (!hash(user.subarray(32, 40)).equals(user.subarray(0, 32))) return undefined
  const cipher = createDecipheriv('aes-256-cbc', hash(user.subarray(40, 48)), Buffer.alloc(16))
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(sealed), cipher.final()])
}

const plainHash = (salt: Uint8Array): Buffer => createHash('sha256').update(salt).digest()

/** Algorithm 2.B, for the empty password. */
function hardenedHash(salt: Uint8Array): Buffer {
  let key = plainHash(salt)
  for (let round = 0, last = 0; round < 64 || last > round - 32; round++) {
    const repeated = Buffer.concat(Array.from({ length: 64 }, () => key))
    const cipher = createCipheriv('aes-128-cbc', key.subarray(0, 16), key.subarray(16, 32))
    cipher.setAutoPadding(false)
    const sealed = cipher.update(repeated)
    const choice = sealed.subarray(0, 16).reduce((sum, byte) => sum + byte, 0) % 3
    key = createHash(['sha256', 'sha384', 'sha512'][choice]!).update(sealed).digest()
    last = sealed.at(-1)!
  }
  return key.subarray(0, 32)
}
