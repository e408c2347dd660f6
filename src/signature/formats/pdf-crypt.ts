import { createDecipheriv, createHash } from 'node:crypto'
import { openWithoutPassword } from './pdf-crypt-key.ts'
import { rc4 } from './pdf-rc4.ts'
import { isArray, isDict, type PdfDict, PdfDoubt, type PdfValue } from './pdf-syntax.ts'

/** Decrypts strings and streams of one encrypted document (ISO 32000-2 §7.6). */
export interface PdfDecryption {
  /** The object with the encryption dictionary, which is never encrypted itself. */
  readonly number: number | undefined
  strings(value: PdfValue, number: number, generation: number): PdfValue
  stream(dict: PdfDict, data: Uint8Array, number: number, generation: number): Uint8Array
}

type Method = 'none' | 'rc4' | 'aes-128' | 'aes-256'

/** Crypt filter methods by /CFM (table 25). */
const METHODS: Readonly<Record<string, Method>> = {
  '/None': 'none',
  '/V2': 'rc4',
  '/AESV2': 'aes-128',
  '/AESV3': 'aes-256',
}

/**
 * Opens a document that asks for no password: whoever reads it sees what is compared here.
 * @throws PdfDoubt where it asks for one, or is encrypted in another way
 */
export function openDecryption(
  encryption: PdfDict,
  id: PdfValue | undefined,
  number: number | undefined,
): PdfDecryption {
  if (encryption.get('/Filter') !== '/Standard') throw new PdfDoubt('encrypted')
  const version = encryption.get('/V')
  const key = openWithoutPassword(encryption, isArray(id) ? id[0] : undefined)
  const methodOf = (name: string): Method => {
    if (version === 1 || version === 2) return 'rc4'
    return filterMethod(encryption, encryption.get(name) ?? '/Identity')
  }
  const [forStrings, forStreams] = [methodOf('/StrF'), methodOf('/StmF')]
  const decrypt = (method: Method, bytes: Uint8Array, of: number, generation: number) =>
    method === 'none' ? bytes : decipher(method, objectKey(method, key, of, generation), bytes)
  return {
    number,
    strings: (value, of, generation) =>
      mapStrings(value, (bytes) => decrypt(forStrings, bytes, of, generation)),
    stream: (dict, data, of, generation) => {
      const filter = dict.get('/Filter')
      if (filter === '/Crypt' || (isArray(filter) && filter.includes('/Crypt'))) throw new PdfDoubt('filter')
      return dict.get('/Type') === '/XRef' ? data : decrypt(forStreams, data, of, generation)
    },
  }
}

function filterMethod(encryption: PdfDict, name: PdfValue): Method {
  if (name === '/Identity') return 'none'
  const filters = encryption.get('/CF')
  const filter = isDict(filters) && typeof name === 'string' ? filters.get(name) : undefined
  const method = isDict(filter) ? METHODS[String(filter.get('/CFM') ?? '/None')] : undefined
  if (method === undefined) throw new PdfDoubt('encrypted')
  return method
}

/** Algorithm 1: the key of one object; AES-256 has one key for all (algorithm 1.A). */
function objectKey(method: Method, key: Buffer, number: number, generation: number): Buffer {
  if (method === 'aes-256') return key
  const salt = Buffer.alloc(5)
  salt.writeUIntLE(number & 0xffffff, 0, 3)
  salt.writeUIntLE(generation & 0xffff, 3, 2)
  const hash = createHash('md5').update(key).update(salt)
  if (method === 'aes-128') hash.update('sAlT')
  return hash.digest().subarray(0, Math.min(key.length + 5, 16))
}

function decipher(method: Method, key: Buffer, bytes: Uint8Array): Uint8Array {
  if (method === 'rc4') return rc4(key, bytes)
  if (bytes.length === 0) return bytes
  try {
    const cipher = createDecipheriv(`${method}-cbc`, key, bytes.subarray(0, 16))
    return Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()])
  } catch {
    throw new PdfDoubt('encrypted')
  }
}

/** Every string inside a value, but for the /Contents of a signature (§7.6.2). */
function mapStrings(value: PdfValue, decrypt: (bytes: Uint8Array) => Uint8Array): PdfValue {
  if (typeof value === 'string') {
    if (!value.startsWith('(')) return value
    const plain = decrypt(Buffer.from(value.slice(1), 'latin1'))
    return `(${Buffer.from(plain).toString('latin1')}`
  }
  if (isArray(value)) return value.map((one) => mapStrings(one, decrypt))
  if (!isDict(value)) return value
  const isSignature = value.has('/ByteRange')
  const kept = (key: string) => isSignature && key === '/Contents'
  return new Map([...value].map(([key, one]) => [key, kept(key) ? one : mapStrings(one, decrypt)]))
}
