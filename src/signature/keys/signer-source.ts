import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readCertificates } from '../x509/pem.ts'
import { privateKey } from './load-key.ts'
import { openTokenSigner } from './pkcs11-signer.ts'
import { isPkcs11Uri } from './pkcs11-uri.ts'
import { openPkcs12 } from './pkcs12.ts'
import { proveKey, type Signer, signerOf } from './signer.ts'
import { signingKey } from './signing-key.ts'

/** Where one key and its certificates lie. */
export interface SignerSource {
  /** For people: a file name, or the URI, which holds no secret. */
  readonly name: string
  /** A `pkcs11:` URI, or the path of a PEM or PKCS#12 file. */
  readonly key: string
  /** PEM file; null where the certificates lie with the key. */
  readonly chain: string | null
  /** Of a file, or the PIN of a token. */
  readonly passphrase: string | null
}

/** A signer, and how to let go of what it holds; it can still sign afterwards, and takes hold again. */
export interface OpenSigner {
  readonly name: string
  readonly signer: Signer
  release(): void
}

/**
 * Opens a key and tries it once.
 * @throws Error naming the source where key or certificate cannot be read, do not fit each other, or the key refuses
 */
export async function openSigner(source: SignerSource): Promise<OpenSigner> {
  try {
    const opened = isPkcs11Uri(source.key) ? await fromToken(source) : await fromFile(source)
    return { name: source.name, ...opened }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the signing key ${source.name} cannot be used: ${why}`, { cause })
  }
}

async function fromToken({ key, chain, passphrase }: SignerSource) {
  const signer = await openTokenSigner({
    uri: key,
    ...(passphrase !== null && { pin: passphrase }),
    ...(chain !== null && { chain: readCertificates(await readFile(chain)) }),
  })
  return { signer, release: () => signer.close() }
}

async function fromFile(source: SignerSource) {
  const signer = signerOf(await readKeyFile(source))
  await proveKey(signer)
  return { signer, release: () => undefined }
}

async function readKeyFile({ key, chain, passphrase }: SignerSource) {
  const bytes = await readFile(key)
  const beside = chain === null ? [] : readCertificates(await readFile(chain))
  if (bytes[0] !== 0x30) {
    const certificates = chain === null ? readCertificates(bytes) : beside
    return signingKey(privateKey(bytes, passphrase ?? undefined), certificates)
  }
  const { key: own } = await openPkcs12(bytes, passphrase ?? '')
  return signingKey(own.key, [...own.certificateChain, ...beside])
}

/** Where the keys of one use lie: one key, or a folder of them. */
export interface KeyPlace {
  /** A `pkcs11:` URI, a file, or a folder. */
  readonly path: string
  /** Only for a single key. */
  readonly chain: string | null
  /** Of every key that has no passphrase file of its own. */
  readonly passphrase: string | null
}

const KEY_FILE = /^(.+?)\.(key\.pem|p12|pfx|pkcs11)$/

/**
 * The keys of a place. In a folder each is `NAME.p12`, `NAME.key.pem` with `NAME.pem`, or `NAME.pkcs11`: a file with a
 * URI, whose certificates lie in the token or in `NAME.pem`. `NAME.pass` holds a passphrase or PIN of its own.
 * @throws Error where it cannot be read, or a folder holds no key
 */
export async function signerSources({ path, chain, passphrase }: KeyPlace): Promise<SignerSource[]> {
  if (isPkcs11Uri(path) || !(await stat(path)).isDirectory())
    return [{ name: path, key: path, chain, passphrase }]
  const names = await readdir(path)
  const found = names.sort().flatMap((name) => {
    const [, base] = KEY_FILE.exec(name) ?? []
    return base === undefined ? [] : [{ name, base }]
  })
  if (found.length === 0) throw new Error(`no key lies in the folder ${path}`)
  return Promise.all(
    found.map(async ({ name, base }) => {
      const beside = (other: string) => (names.includes(other) ? join(path, other) : null)
      const own = beside(`${base}.pass`)
      const file = join(path, name)
      return {
        name,
        key: name.endsWith('.pkcs11') ? (await readFile(file, 'utf8')).trim() : file,
        chain: beside(`${base}.pem`),
        passphrase: own === null ? passphrase : (await readFile(own, 'utf8')).replace(/\r?\n$/, ''),
      }
    }),
  )
}

/** A text that changes whenever a file of the place does. */
export async function stateOf({ path, chain }: KeyPlace): Promise<string> {
  const files = isPkcs11Uri(path) ? [] : [path]
  if (chain !== null) files.push(chain)
  if (files[0] === path && (await stat(path)).isDirectory())
    files.push(...(await readdir(path)).sort().map((name) => join(path, name)))
  const states = files.map(async (file) => {
    const { mtimeMs, size, ino } = await stat(file)
    return `${file} ${mtimeMs} ${size} ${ino}`
  })
  return (await Promise.all(states)).join('\n')
}
