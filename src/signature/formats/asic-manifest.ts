import { attributeOf, childElements, type XmlElementNode } from '../../xml/nodes.ts'
import { type HashName, hashByXml } from '../algorithms.ts'
import { SignatureStop } from '../checks.ts'
import { entryNameOf } from './asic-names.ts'
import { parseXml } from './xml-parse.ts'

const ASIC = 'http://uri.etsi.org/02918/v1.2.1#'
const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const MAX_OBJECTS = 2000

/** ASiCManifest (EN 319 162-1 §A.4): what a signature or a timestamp beside it stands over. */
export interface Manifest {
  /** Names of entries, decoded. */
  readonly signature: string
  readonly objects: readonly ManifestObject[]
}

export interface ManifestObject {
  /** As written. */
  readonly uri: string
  readonly name: string
  /** Undefined where the algorithm is not known. */
  readonly hash: HashName | undefined
  readonly digest: Buffer
}

/** Reads a manifest; undefined where it is none, or is not built as the standard prescribes. */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    return manifestOf(parseXml(bytes).root)
  } catch (error) {
    if (error instanceof SignatureStop) return undefined
    throw error
  }
}

const isNamed = (element: XmlElementNode, uri: string, local: string): boolean =>
  element.uri === uri && element.local === local

function manifestOf(root: XmlElementNode): Manifest | undefined {
  if (!isNamed(root, ASIC, 'ASiCManifest')) return undefined
  const children = childElements(root)
  const signatures = children.filter((one) => isNamed(one, ASIC, 'SigReference'))
  const uri = signatures.length === 1 ? attributeOf(signatures[0]!, 'URI') : undefined
  const references = children.filter((one) => isNamed(one, ASIC, 'DataObjectReference'))
  if (uri === undefined || references.length > MAX_OBJECTS) return undefined
  const objects = references.map(objectOf)
  if (objects.length === 0 || objects.some((one) => one === undefined)) return undefined
  return { signature: entryNameOf(uri), objects: objects.filter((one) => one !== undefined) }
}

function objectOf(reference: XmlElementNode): ManifestObject | undefined {
  const uri = attributeOf(reference, 'URI')
  const children = childElements(reference)
  const [method, ...methods] = children.filter((one) => isNamed(one, DSIG, 'DigestMethod'))
  const [value, ...values] = children.filter((one) => isNamed(one, DSIG, 'DigestValue'))
  const text = value && plainText(value)
  if (uri === undefined || method === undefined || text === undefined) return undefined
  if (methods.length > 0 || values.length > 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return {
    uri,
    name: entryNameOf(uri),
    hash: hashByXml(attributeOf(method, 'Algorithm') ?? ''),
    digest: Buffer.from(text, 'base64'),
  }
}

/** Text without white space; undefined where anything else stands in it. */
const plainText = ({ children }: XmlElementNode): string | undefined =>
  children.every((one) => one.kind === 'text')
    ? children
        .map((one) => (one.kind === 'text' ? one.value : ''))
        .join('')
        .replace(/\s+/g, '')
    : undefined
