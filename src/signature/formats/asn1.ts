import { type BaseBlock, Constructed, fromBER, ObjectIdentifier, OctetString } from 'asn1js'

/** A node of parsed BER: small readers that say undefined where the shape is another. */
export type Asn1 = BaseBlock

const CONTEXT = 3

/**
 * Parses one BER value and gives its length in bytes; what follows it is left alone.
 * @throws Error where the bytes are no BER
 */
export function parseBer(bytes: Uint8Array): { node: Asn1; length: number } {
  const { result, offset } = fromBER(bytes, { maxDepth: 64, maxNodes: 200_000 })
  if (offset <= 0 || result.error !== '') throw new Error(`not BER: ${result.error}`)
  return { node: result, length: offset }
}

export const childrenOf = (node: Asn1 | undefined): readonly Asn1[] =>
  node instanceof Constructed ? node.valueBlock.value : []

export const isContext = (node: Asn1 | undefined, tag: number): boolean =>
  node !== undefined && node.idBlock.tagClass === CONTEXT && node.idBlock.tagNumber === tag

/** The whole of a value, tag and length included, as it stood in the input. */
export const bytesOf = (node: Asn1): Uint8Array => node.valueBeforeDecodeView

export const oidOf = (node: Asn1 | undefined): string | undefined =>
  node instanceof ObjectIdentifier ? node.valueBlock.toString() : undefined

/** The octets of an OCTET STRING, its pieces joined where it is constructed. */
export const octetsOf = (node: Asn1 | undefined): Buffer | undefined =>
  node instanceof OctetString ? Buffer.from(node.getValue()) : undefined
