import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { unverifiable } from '../signature/checks.ts'
import { CANONICALIZATIONS, canonicalBytes, type NodeSet } from '../signature/formats/xml-canonical.ts'
import { MAX_XML_BYTES, parseXmlWithDoctype } from '../signature/formats/xml-parse.ts'
import { referenceOctets } from '../signature/formats/xmldsig-octets.ts'
import { xpathSubset } from '../signature/formats/xpath-subset.ts'
import { elementsOf, type XmlRoot } from '../xml/nodes.ts'
import { readBounded } from './read-bounded.ts'
import { UsageError } from './usage-error.ts'

const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const C14N_11 = 'http://www.w3.org/2006/12/xml-c14n11'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Short names of the algorithms. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  c14n10: C14N_10,
  'c14n10#WithComments': `${C14N_10}#WithComments`,
  c14n11: C14N_11,
  'c14n11#WithComments': `${C14N_11}#WithComments`,
  exc: EXCLUSIVE,
  'exc#WithComments': `${EXCLUSIVE}WithComments`,
}

export interface CanonicalizeOptions {
  /** A short name (`c14n10`, `c14n11`, `exc`, each also with `#WithComments`) or the algorithm's URI. */
  readonly alg: string
  /** The element whose subtree is taken, by its position in document order, the root being 0. The document unless given. */
  readonly elementIndex?: number | null
  /** Exclusive only: prefixes that are treated inclusively, `#default` among them; a list apart by spaces. */
  readonly prefixes?: string | readonly string[] | null
  /** An XML file whose root element holds an XPath expression, with the namespaces in its scope: the nodes taken. */
  readonly xpath?: Uint8Array
  /** Instead of all that: what the n-th Reference of the first signature stands over, SignedInfo behind the last. */
  readonly reference?: number
  /** Reads what an external entity of the document's own DOCTYPE names; what it does not answer is left out. */
  readonly entity?: (systemId: string) => Uint8Array | undefined
}

/**
 * The canonical octets of an XML file. A DOCTYPE is obeyed as far as its internal subset goes.
 * @throws UsageError for an algorithm or an element that does not exist; SignatureStop where the file is not read
 */
export function canonicalizeFile(bytes: Uint8Array, options: CanonicalizeOptions): Buffer {
  if (options.reference !== undefined) return Buffer.from(referenceOctets(bytes, options.reference))
  const uri = Object.hasOwn(ALGORITHMS, options.alg) ? ALGORITHMS[options.alg]! : options.alg
  if (!Object.hasOwn(CANONICALIZATIONS, uri))
    throw new UsageError(`--alg is one of ${Object.keys(ALGORITHMS).join(', ')}`)
  const { prefixes } = options
  const listed = typeof prefixes === 'string' ? prefixes.split(/\s+/).filter(Boolean) : (prefixes ?? [])
  const root = parseXmlWithDoctype(bytes, options.entity)
  return canonicalBytes(nodesOf(root, options), { ...CANONICALIZATIONS[uri]!, prefixes: listed })
}

function nodesOf(root: XmlRoot, { elementIndex, xpath }: CanonicalizeOptions): NodeSet {
  const apex = elementIndex === undefined || elementIndex === null ? root : elementAt(root, elementIndex)
  return xpath === undefined ? { apex } : { apex, only: xpathSubset(root, parseXmlWithDoctype(xpath)) }
}

function elementAt(root: XmlRoot, index: number): NodeSet['apex'] {
  let position = 0
  for (const element of elementsOf(root)) if (position++ === index) return element
  throw new UsageError(`--element-index: there is no element ${index}`)
}

/** The bytes of an XML file. @throws SignatureStop where it is too large; what node:fs throws */
export async function readXmlFile(path: string): Promise<Buffer> {
  const bytes = await readBounded(path, MAX_XML_BYTES)
  if (bytes === undefined) throw unverifiable('form', 'xml-too-large', `> ${MAX_XML_BYTES}`)
  return bytes
}

/** Reads entities from the folder of a file, and from nowhere else. */
export const entitiesBeside =
  (file: string) =>
  (systemId: string): Uint8Array | undefined => {
    if (systemId !== basename(systemId) || /^\.|[:\\]/.test(systemId)) return undefined
    try {
      return readFileSync(join(dirname(file), systemId))
    } catch {
      return undefined
    }
  }
