import { createHash } from 'node:crypto'
import { childElements } from '../../xml/nodes.ts'
import type { HashName } from '../algorithms.ts'
import { type ByteSource, chunksOf } from '../byte-source.ts'
import { SignatureStop } from '../checks.ts'
import { MAX_XML_BYTES } from './xml-parse.ts'
import type { XmlRules } from './xmldsig.ts'
import { UNNAMED } from './xmldsig-data.ts'
import { readSignedDocument } from './xmldsig-document.ts'
import { readSignedInfo } from './xmldsig-signed-info.ts'
import { isDsig } from './xmldsig-tree.ts'

/** Bytes of objects beside a signature that are held in memory together. */
const MAX_HELD = 64 * 1024 * 1024

/**
 * Reads what the references of a document name beside it, before the signatures are checked: objects of moderate size
 * are held, of the others only the digests are made, in a stream. What `read` throws goes through.
 * @param detached objects by the name under which a reference speaks of them: its URI, with or without percent-encoding,
 * `cid:` or `./`
 */
export async function readExternals(
  bytes: Uint8Array,
  detached: ReadonlyMap<string, ByteSource>,
): Promise<Pick<XmlRules, 'external' | 'externalBytes'>> {
  if (detached.size === 0) return {}
  const held = new Map<ByteSource, Uint8Array>()
  const digests = new Map<string, Uint8Array>()
  let left = MAX_HELD
  for (const { uri, hash } of externalReferences(bytes)) {
    const source = objectNamed(uri, detached)
    if (source === undefined) continue
    if (!held.has(source) && source.length <= Math.min(left, MAX_XML_BYTES)) {
      held.set(source, await source.read(0, source.length))
      left -= source.length
    }
    if (hash === undefined || digests.has(`${hash} ${uri}`)) continue
    const known = held.get(source)
    digests.set(`${hash} ${uri}`, known === undefined ? await digestOf(source, hash) : digest(known, hash))
  }
  return {
    external: (uri, hash) => digests.get(`${hash} ${uri}`),
    externalBytes: (uri) => {
      const source = objectNamed(uri, detached)
      return source && held.get(source)
    },
  }
}

const digest = (bytes: Uint8Array, hash: HashName): Buffer => createHash(hash).update(bytes).digest()

async function digestOf(source: ByteSource, hash: HashName): Promise<Buffer> {
  const digest = createHash(hash)
  for await (const chunk of chunksOf(source)) digest.update(chunk)
  return digest.digest()
}

interface ExternalReference {
  readonly uri: string
  /** Undefined where a key is named, not content. */
  readonly hash: HashName | undefined
  /** As the signature states it. */
  readonly digest: Buffer
}

/** What the signatures of a document name beside it; empty where it cannot be read. */
export function externalReferences(bytes: Uint8Array): ExternalReference[] {
  try {
    const { signatures } = readSignedDocument(bytes, true)
    return signatures.flatMap((signature) => {
      const [info] = childElements(signature)
      return info !== undefined && isDsig(info, 'SignedInfo') ? ofSignedInfo(info) : []
    })
  } catch (error) {
    if (error instanceof SignatureStop) return []
    throw error
  }
}

function ofSignedInfo(element: Parameters<typeof readSignedInfo>[0]): ExternalReference[] {
  try {
    return readSignedInfo(element).references.flatMap((one) =>
      'stop' in one || one.uri === '' || one.uri?.startsWith('#')
        ? []
        : [{ uri: one.uri ?? UNNAMED, hash: one.hash, digest: one.digest }],
    )
  } catch (error) {
    if (error instanceof SignatureStop) return []
    throw error
  }
}

/** The object that a URI names: as written first, then as a name. */
export function objectNamed<T>(uri: string, objects: ReadonlyMap<string, T>): T | undefined {
  // Where one object is given, it is the one that has no name.
  if (uri === UNNAMED) return objects.size === 1 ? [...objects.values()][0] : undefined
  for (const name of namesOf(uri)) {
    const found = objects.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

function namesOf(uri: string): string[] {
  const plain = uri.replace(/^(?:cid:|\.\/|\/)/, '')
  return [uri, plain, decoded(uri), decoded(plain), `cid:${plain}`]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
