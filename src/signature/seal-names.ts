import type { SealedObject } from '../domain/sealed-objects.ts'
import { objectUris } from './container-names.ts'
import { externalReferences } from './formats/xmldsig-external.ts'

/**
 * The URIs under which a seal names these objects, each in the place of its object. Names hold a number and an extension
 * that follows from what the sealing release made of a file's first bytes: another release may name the same file
 * otherwise. So they are those that the seal states, bound by digest: its first reference is the packet, the others are
 * the attachments, each exactly once, under names of which no two are alike. Where that does not hold, they are the names
 * that this release gives, and the seal is judged by those.
 */
export function sealedUris(signatureXml: Uint8Array, objects: readonly SealedObject[]): readonly string[] {
  return statedUris(signatureXml, objects) ?? objectUris(objects.map(({ name }) => name))
}

/** The same as names of files. */
export const sealedNames = (signatureXml: Uint8Array, objects: readonly SealedObject[]): readonly string[] =>
  statedUris(signatureXml, objects)?.map(plain) ?? objects.map(({ name }) => name)

function statedUris(
  signatureXml: Uint8Array,
  [packet, ...attachments]: readonly SealedObject[],
): readonly string[] | undefined {
  const [first, ...others] = externalReferences(signatureXml).map(({ uri, hash, digest }) => ({
    uri,
    sha256: hash === 'sha256' ? digest.toString('hex') : undefined,
  }))
  if (packet === undefined || first?.sha256 !== packet.sha256) return undefined
  if (others.length !== attachments.length) return undefined
  const left = new Map<string | undefined, string[]>()
  // From the last one on: the first of those with equal content is taken first.
  for (const { uri, sha256 } of others.reverse()) {
    const alike = left.get(sha256)
    if (alike === undefined) left.set(sha256, [uri])
    else alike.push(uri)
  }
  const uris = [first.uri]
  for (const { sha256 } of attachments) {
    const uri = left.get(sha256)?.pop()
    if (uri === undefined) return undefined
    uris.push(uri)
  }
  return new Set(uris).size === uris.length ? uris : undefined
}

function plain(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}
