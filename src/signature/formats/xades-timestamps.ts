import { childElements, elementsOf, type XmlElementNode } from '../../xml/nodes.ts'
import type { HashName } from '../algorithms.ts'
import { type Notes, SignatureStop } from '../checks.ts'
import type { TimestampKind } from '../timestamp/checked-timestamp.ts'
import { checkToken } from '../timestamp/token.ts'
import { isXades, unsignedProperties } from './xades-properties.ts'
import { type StampedParts, stampedOctets } from './xades-stamped.ts'
import { digestOf } from './xml-streamed.ts'
import { charge } from './xmldsig-place.ts'
import { decodeBase64 } from './xmldsig-tree.ts'

/** Timestamp properties by name, with what they stand over in the words of the findings. */
const KINDS: Readonly<Record<string, TimestampKind>> = {
  AllDataObjectsTimeStamp: 'content',
  IndividualDataObjectsTimeStamp: 'content',
  SignatureTimeStamp: 'signature',
  SigAndRefsTimeStamp: 'references',
  SigAndRefsTimeStampV2: 'references',
  RefsOnlyTimeStamp: 'validation-data',
  RefsOnlyTimeStampV2: 'validation-data',
  ArchiveTimeStamp: 'archive',
  ArchiveTimeStampV2: 'archive',
}

/** More than decades of renewal bring. */
const MAX_TIMESTAMPS = 100
/** What checking one token costs, in nodes canonicalised: a document may bring ten thousand of them. */
const TOKEN_NODES = 2500

/**
 * Checks every timestamp of a XAdES signature: those over the data in the given covered parts, the others in the
 * unsigned properties. What a timestamp stands over and cannot be had leaves its imprint unjudged.
 */
export function checkXadesTimestamps(
  parts: StampedParts,
  covered: readonly XmlElementNode[],
  notes: Notes,
): void {
  const signed = covered.flatMap((part) => [...elementsOf(part)])
  const properties = [...signed, ...unsignedProperties(parts.signature)].filter(
    (one) => isXades(one) && Object.hasOwn(KINDS, one.local),
  )
  for (const property of properties.slice(0, MAX_TIMESTAMPS)) {
    for (const der of tokensOf(property)) {
      charge(parts.place.budget, TOKEN_NODES)
      notes.timestamps.push(
        checkToken(der, KINDS[property.local]!, imprinting(property, parts), notes.embedded),
      )
    }
  }
}

const tokensOf = (property: XmlElementNode): Buffer[] =>
  childElements(property)
    .filter(({ local }) => local === 'EncapsulatedTimeStamp')
    .map(
      ({ children }) =>
        decodeBase64(children.map((node) => (node.kind === 'text' ? node.value : '?')).join('')) ??
        Buffer.alloc(0),
    )

function imprinting(property: XmlElementNode, parts: StampedParts): (hash: HashName) => Uint8Array | null {
  return (hash) => {
    try {
      const octets = stampedOctets(property, parts)
      if (octets === undefined) return null
      return digestOf(octets, hash, parts.place.streamed)
    } catch (error) {
      if (error instanceof SignatureStop) return null
      throw error
    }
  }
}
