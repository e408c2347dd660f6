import { createHash, type Hash } from 'node:crypto'
import type { HashName } from '../algorithms.ts'
import type { Ber } from './ber.ts'
import { tagged } from './ber-der.ts'
import type { Attribute, AttributeList } from './cms-attributes.ts'
import type { SignedContent } from './cms-content.ts'
import type { SignedData, SignerInfo } from './cms-structure.ts'

/** The signature that a timestamp of CAdES stands on. */
export interface Stamped {
  readonly data: SignedData
  readonly signer: SignerInfo
  readonly content: SignedContent
}

export const ATTRIBUTE = {
  contentTimestamp: '1.2.840.113549.1.9.16.2.20',
  signatureTimestamp: '1.2.840.113549.1.9.16.2.14',
  certificateReferences: '1.2.840.113549.1.9.16.2.21',
  revocationReferences: '1.2.840.113549.1.9.16.2.22',
  escTimestamp: '1.2.840.113549.1.9.16.2.25',
  certCrlTimestamp: '1.2.840.113549.1.9.16.2.26',
  archiveTimestampV1: '1.2.840.113549.1.9.16.2.27',
  archiveTimestampV2: '1.2.840.113549.1.9.16.2.48',
  archiveTimestampV3: '0.4.0.1733.2.4',
} as const

/** What a token may be the imprint of, most likely form first. Empty where the data are not at hand. */
export type Imprints = (stamped: Stamped, hash: HashName, token: Ber) => Uint8Array[]

const digestOf = (hash: HashName, ...parts: readonly Uint8Array[]): Buffer => {
  const hasher = createHash(hash)
  for (const part of parts) hasher.update(part)
  return hasher.digest()
}

export const contentImprints: Imprints = ({ content }, hash) => {
  const digest = content.digest(hash)
  return digest === null ? [] : [digest]
}

/** EN 319 122-1 §5.3: the octets of the signature value. */
export const signatureImprints: Imprints = ({ signer }, hash) => [digestOf(hash, signer.signature)]

const REFERENCES = [ATTRIBUTE.certificateReferences, ATTRIBUTE.revocationReferences]

/** §A.1.5.2: signature value, signature timestamps and references; of each attribute type and values alone. */
export const escImprints: Imprints = ({ signer }, hash) =>
  attributeForms(signer.unsignedAttributes, [ATTRIBUTE.signatureTimestamp, ...REFERENCES]).map((parts) =>
    digestOf(hash, signer.signature, ...parts),
  )

/** §A.1.5.1: the references alone. */
export const certCrlImprints: Imprints = ({ signer }, hash) =>
  attributeForms(signer.unsignedAttributes, REFERENCES).map((parts) => digestOf(hash, ...parts))

/** Attributes in the order that the standard names them, and in the order in which they stand, as some take them. */
const attributeForms = ({ all }: AttributeList, types: readonly string[]): Uint8Array[][] => [
  types.flatMap((type) => all.filter((one) => one.type === type).map(({ node }) => node.content)),
  all.filter((one) => types.includes(one.type)).map(({ node }) => node.content),
]

/**
 * ETSI TS 101 733 §6.4.1: encapContentInfo, the content where it lies outside, certificates, crls, and every field of
 * the SignerInfo with the unsigned attributes that were there. Implementations differ in whether the tag and length
 * of the unsigned attributes belong to it, and archive timestamps that came later must be thought away.
 */
export const archiveV2Imprints: Imprints = ({ data, signer, content }, hash, token) => {
  const [, , encapsulated, ...rest] = data.fields
  const after = rest.slice(0, -1).map(({ raw }) => raw)
  const own = signer.fields.filter((field) => field !== signer.unsignedAttributes.node).map(({ raw }) => raw)
  const start = hashStart(data, content, hash, encapsulated!.raw)
  if (start === null) return []
  return earlierAttributes(signer.unsignedAttributes.all, token).flatMap((earlier) => {
    const attributes = Buffer.concat(earlier.map(({ node }) => node.raw))
    return [tagged(0xa1, attributes), attributes].map((form) => {
      const hasher = start.copy()
      for (const part of [...after, ...own, form]) hasher.update(part)
      return hasher.digest()
    })
  })
}

function hashStart(
  data: SignedData,
  content: SignedContent,
  hash: HashName,
  encapsulated: Uint8Array,
): Hash | null {
  return data.isAttached ? createHash(hash).update(encapsulated) : content.hashAfter(hash, encapsulated)
}

const ARCHIVE = new Set<string>([
  ATTRIBUTE.archiveTimestampV1,
  ATTRIBUTE.archiveTimestampV2,
  ATTRIBUTE.archiveTimestampV3,
])

/** The attributes that a token saw: those before it, or all but archive timestamps, or all but itself. */
function earlierAttributes(all: readonly Attribute[], token: Ber): (readonly Attribute[])[] {
  const isOwn = ({ values }: Attribute) => values.includes(token)
  const at = all.findIndex(isOwn)
  const forms = [
    all.filter((one, index) => !ARCHIVE.has(one.type) || index < at),
    all.slice(0, at),
    all.filter((one) => !ARCHIVE.has(one.type)),
    all.filter((one) => !isOwn(one)),
  ]
  return [...new Map(forms.map((form) => [form.map((one) => all.indexOf(one)).join(), form])).values()]
}
