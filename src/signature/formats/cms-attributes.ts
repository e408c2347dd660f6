import { type Ber, childrenOf, fieldsOf, isUniversal, oidOf, TAG } from './ber.ts'
import { derOf, derSetOf, tagged } from './ber-der.ts'

export interface Attribute {
  readonly type: string
  readonly values: readonly Ber[]
  /** The Attribute as it stands. */
  readonly node: Ber
}

/** A signature with all that archives add to it has some dozens. */
const MAX_ATTRIBUTES = 1000

/** Attributes of a SignerInfo (RFC 5652 §5.3), in order. */
export interface AttributeList {
  readonly all: readonly Attribute[]
  /** The field as it stands, with its context tag; undefined where there is none. */
  readonly node: Ber | undefined
}

/**
 * Reads SignedAttributes or UnsignedAttributes.
 * @throws Error where they are none
 */
export function readAttributes(node: Ber | undefined): AttributeList {
  const found = childrenOf(node)
  if (found.length > MAX_ATTRIBUTES) throw new Error('too many attributes')
  const all = found.map((attribute) => {
    const [type, values, ...excess] = fieldsOf(attribute)
    const oid = oidOf(type)
    if (oid === undefined || !isUniversal(values, TAG.set) || excess.length > 0) throw new Error('Attribute')
    return { type: oid, values: childrenOf(values), node: attribute }
  })
  return { all, node }
}

/** Every value of an attribute type, also where the type stands more than once. */
export const valuesOf = (list: AttributeList | undefined, type: string): readonly Ber[] =>
  (list?.all ?? []).filter((one) => one.type === type).flatMap(({ values }) => values)

/** The value of a type that must stand once with one value; undefined where it does not. */
export function singleValue(list: AttributeList | undefined, type: string): Ber | undefined {
  const values = valuesOf(list, type)
  return values.length === 1 ? values[0] : undefined
}

export const hasAttribute = (list: AttributeList | undefined, type: string): boolean =>
  (list?.all ?? []).some((one) => one.type === type)

/**
 * What a signature value over these attributes may be over, most likely first. RFC 5652 §5.4 has it over their DER, a
 * sorted SET OF. Signers that write BER, or write the set in another order than DER has, are found either way: some
 * sign what they write, some sign its DER. Both say the same thing.
 */
export function* signedForms({ node }: AttributeList): Generator<Uint8Array> {
  if (node === undefined) return
  const asWritten = tagged(0x31, node.content)
  yield asWritten
  const der = derSetOf(childrenOf(node).map(derOf))
  if (Buffer.compare(asWritten, der) !== 0) yield der
}
