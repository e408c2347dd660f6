import { createHash } from 'node:crypto'
import { type HashName, hashByOid } from '../algorithms.ts'
import { type Ber, childrenOf, isContext, isUniversal, octetsOf, oidOf, TAG } from './ber.ts'
import { derOf } from './ber-der.ts'
import type { Imprints, Stamped } from './cades-imprint.ts'
import { valuesOf } from './cms-attributes.ts'
import { readSignedData } from './cms-structure.ts'

/** Attribute types of ATSHashIndex, -v2 and -v3, with what an entry for unsigned attributes is the hash of. */
const VERSIONS: Readonly<Record<string, 'attribute' | 'value'>> = {
  '0.4.0.1733.2.5': 'attribute',
  '0.4.0.19122.1.4': 'attribute',
  '0.4.0.19122.1.5': 'value',
}

/**
 * The imprint of an archive-time-stamp v3 (ETSI EN 319 122-1 §5.5.3): eContentType, the digest of the content, the
 * fields of the SignerInfo up to its signature, and the index that the token carries. Whatever the index names must
 * still be in the file, or something that was stamped has been taken away or changed: then nothing fits.
 */
export const archiveV3Imprints: Imprints = (stamped, hash, token) => {
  const { data, signer, content } = stamped
  const digest = content.digest(hash)
  const index = hashIndexOf(token)
  if (digest === null) return []
  if (index === undefined || !isComplete(index, stamped)) return [Buffer.alloc(0)]
  const [contentType] = childrenOf(data.fields[2])
  const own = signer.fields.filter((field) => field !== signer.unsignedAttributes.node)
  const fields = [contentType!.raw, digest, ...own.map(({ raw }) => raw)]
  return [index.node.raw, derOf(index.node)].map((form) => {
    const hasher = createHash(hash)
    for (const part of [...fields, form]) hasher.update(part)
    return hasher.digest()
  })
}

interface HashIndex {
  readonly node: Ber
  readonly over: 'attribute' | 'value'
  readonly hash: HashName
  readonly certificates: readonly Buffer[]
  readonly revocations: readonly Buffer[]
  readonly attributes: readonly Buffer[]
}

/** The one index among the token's unsigned attributes (§5.5.2). */
function hashIndexOf(token: Ber): HashIndex | undefined {
  const attributes = readSignedData(token.raw).signers[0]?.unsignedAttributes
  const found = Object.keys(VERSIONS).flatMap((type) =>
    valuesOf(attributes, type).map((node) => ({ node, over: VERSIONS[type]! })),
  )
  const [one] = found
  return one === undefined || found.length > 1 ? undefined : readIndex(one.node, one.over)
}

/** ATSHashIndex ::= SEQUENCE { AlgorithmIdentifier DEFAULT sha256, and three SEQUENCE OF OCTET STRING }. */
function readIndex(node: Ber, over: HashIndex['over']): HashIndex | undefined {
  const fields = [...childrenOf(node)]
  const named = oidOf(childrenOf(fields[0])[0])
  if (named !== undefined) fields.shift()
  const hash = named === undefined ? 'sha256' : hashByOid(named)
  if (hash === undefined || fields.length !== 3 || !fields.every((one) => isUniversal(one, TAG.sequence)))
    return undefined
  const [certificates, revocations, attributes] = fields.map((one) =>
    childrenOf(one).map((entry) => octetsOf(entry) ?? Buffer.alloc(0)),
  )
  return {
    node,
    over,
    hash,
    certificates: certificates!,
    revocations: revocations!,
    attributes: attributes!,
  }
}

/** Whether everything that the index names is there. */
function isComplete(index: HashIndex, { data, signer }: Stamped): boolean {
  const digest = (...parts: readonly Uint8Array[]): string => {
    const hasher = createHash(index.hash)
    for (const part of parts) hasher.update(part)
    return hasher.digest('hex')
  }
  const allIn = (entries: readonly Buffer[], there: readonly string[]): boolean => {
    const known = new Set(there)
    return entries.every((entry) => known.has(entry.toString('hex')))
  }
  const certificates = childrenOf(data.fields.find((one) => isContext(one, 0)))
  return (
    allIn(
      index.certificates,
      certificates.map(({ raw }) => digest(raw)),
    ) &&
    allIn(
      index.revocations,
      data.revocations.map(({ raw }) => digest(raw)),
    ) &&
    allIn(
      index.attributes,
      signer.unsignedAttributes.all.flatMap(({ node, values }) => [
        digest(node.raw),
        // -v3: the type and one value, for each value (§5.5.2).
        ...(index.over === 'value' ? values.map(({ raw }) => digest(childrenOf(node)[0]!.raw, raw)) : []),
      ]),
    )
  )
}
