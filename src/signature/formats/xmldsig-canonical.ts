import {
  XmlC14NMode,
  type XmlDocument,
  type XmlElement,
  XmlError,
  type XmlOutputBufferHandler,
} from 'libxml2-wasm'
import { unverifiable } from '../checks.ts'

export interface Canonicalization {
  readonly mode: (typeof XmlC14NMode)[keyof typeof XmlC14NMode]
  readonly withComments: boolean
  /** Exclusive only: PrefixList of ec:InclusiveNamespaces. */
  readonly inclusiveNamespacePrefixes?: string[]
}

const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const C14N_11 = 'http://www.w3.org/2006/12/xml-c14n11'
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Canonical XML 1.0, 1.1, exclusive; each without and with comments. */
export const CANONICALIZATIONS: Readonly<Record<string, Canonicalization>> = {
  [C14N_10]: { mode: XmlC14NMode.XML_C14N_1_0, withComments: false },
  [`${C14N_10}#WithComments`]: { mode: XmlC14NMode.XML_C14N_1_0, withComments: true },
  [C14N_11]: { mode: XmlC14NMode.XML_C14N_1_1, withComments: false },
  [`${C14N_11}#WithComments`]: { mode: XmlC14NMode.XML_C14N_1_1, withComments: true },
  [EXCLUSIVE]: { mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0, withComments: false },
  [`${EXCLUSIVE}WithComments`]: { mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0, withComments: true },
}

/** What a reference without a canonicalising transform is read with (XML-Signature 1.1 §4.4.3.2). */
export const DEFAULT_CANONICALIZATION: Canonicalization = CANONICALIZATIONS[C14N_10]!

/**
 * Writes the canonical octets of a document or of one element with what it contains.
 * @throws SignatureStop `unverifiable` where there is no canonical form
 */
export function canonicalize(
  target: XmlDocument | XmlElement,
  { mode, withComments, inclusiveNamespacePrefixes }: Canonicalization,
  write: (octets: Uint8Array) => void,
): void {
  const handler: XmlOutputBufferHandler = {
    write(octets) {
      write(octets)
      return octets.length
    },
    close: () => true,
  }
  try {
    target.canonicalize(handler, {
      mode,
      withComments,
      ...(inclusiveNamespacePrefixes && { inclusiveNamespacePrefixes }),
    })
  } catch (error) {
    // Relative namespace URIs have no canonical form (Canonical XML 1.0 §1.3).
    if (error instanceof XmlError) throw unverifiable('reference', 'xml-unreadable', error.message)
    throw error
  }
}

export function canonicalBytes(target: XmlDocument | XmlElement, method: Canonicalization): Buffer {
  const chunks: Buffer[] = []
  canonicalize(target, method, (octets) => chunks.push(Buffer.from(octets)))
  return Buffer.concat(chunks)
}
