import { createPublicKey, type KeyObject } from 'node:crypto'
import { attributeOf, childElements, elementsOf, type XmlElementNode } from '../../xml/nodes.ts'
import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import { Lru } from '../x509/lru.ts'
import { type ExternalBytes, elementById } from './xmldsig-data.ts'
import type { SignedDocument } from './xmldsig-document.ts'
import { readKeyValue } from './xmldsig-key-value.ts'
import { DSIG, DSIG_11, decodeBase64, isDsig, plainText } from './xmldsig-tree.ts'

/** What KeyInfo holds. All of it is a claim of whoever wrote it. */
export interface KeyMaterial {
  /** X509Certificate elements found, read or not. */
  readonly found: number
  /** The signer's own first where the order can be told. */
  readonly certificates: readonly Certificate[]
  /** CertificateList, DER. */
  readonly crls: readonly Uint8Array[]
  /** Bare keys: good for telling whether a value fits, never for saying whose it is. */
  readonly keys: readonly KeyObject[]
}

/** KeyInfo may point to KeyInfo; it does so once or twice. */
const MAX_DEPTH = 3
const MAX_ELEMENTS = 100

/** Reads KeyInfo (XML-Signature 1.1 §4.5), following references within the document and to objects that are given. */
export function readKeyInfo(
  keyInfo: XmlElementNode | undefined,
  document: SignedDocument,
  externalBytes: ExternalBytes | undefined,
): KeyMaterial {
  const gathered: Gathered = { certificates: [], crls: [], keys: [], left: MAX_ELEMENTS }
  if (keyInfo !== undefined) gather(keyInfo, { document, externalBytes }, gathered, MAX_DEPTH)
  const read = gathered.certificates.filter((one) => one !== undefined)
  const issuesAnother = (one: Certificate) =>
    read.some((other) => other !== one && other.issuerDer === one.subjectDer)
  return {
    found: gathered.certificates.length,
    certificates: [...read].sort((a, b) => Number(issuesAnother(a)) - Number(issuesAnother(b))),
    crls: gathered.crls,
    keys: gathered.keys,
  }
}

interface Gathered {
  /** Undefined for one that cannot be read: it counts as found. */
  readonly certificates: (Certificate | undefined)[]
  readonly crls: Uint8Array[]
  readonly keys: KeyObject[]
  left: number
}

interface Where {
  readonly document: SignedDocument
  readonly externalBytes: ExternalBytes | undefined
}

type Row = (element: XmlElementNode, where: Where, into: Gathered, depth: number) => void

/** A certificate elsewhere in KeyInfo is none (XML-Signature 1.1 §4.5.4). */
const isInX509Data = ({ parent }: XmlElementNode): boolean =>
  parent.kind === 'element' && isDsig(parent, 'X509Data')

/** Elements inside KeyInfo that tell of a key, by their name; all else is passed over. */
const ROWS: Readonly<Record<string, Row>> = {
  [`${DSIG}X509Data`]: (element, where, into, depth) => {
    if (!isInX509Data(element)) gather(element, where, into, depth)
  },
  [`${DSIG}X509Certificate`]: (element, _, into) => {
    if (isInX509Data(element)) into.certificates.push(certificateIn(element))
  },
  [`${DSIG}X509CRL`]: (element, _, into) => {
    if (isInX509Data(element)) into.crls.push(textOf(element) ?? Buffer.alloc(0))
  },
  [`${DSIG}KeyValue`]: (element, _, into) => {
    const key = readKeyValue(element)
    if (key !== undefined) into.keys.push(key)
  },
  [`${DSIG_11}DEREncodedKeyValue`]: (element, _, into) => {
    const key = keyOf(textOf(element))
    if (key !== undefined) into.keys.push(key)
  },
  [`${DSIG}RetrievalMethod`]: retrieve,
  [`${DSIG_11}KeyInfoReference`]: retrieve,
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd|SecurityTokenReference':
    followToken,
}

/** Of names that somebody else chooses, only the table's own count: every object knows `hasOwnProperty`. */
const rowOf = ({ uri, local }: XmlElementNode) =>
  [`${uri}${local}`, `${uri}|${local}`]
    .filter((name) => Object.hasOwn(ROWS, name))
    .map((name) => ROWS[name])[0]

function gather(parent: XmlElementNode, where: Where, into: Gathered, depth: number): void {
  for (const child of childElements(parent)) {
    if (--into.left < 0) return
    rowOf(child)?.(child, where, into, depth)
  }
}

/** Certificates by the text that was read before: those of a sender come with each of its packets. */
const KNOWN = new Lru<string, Certificate>(1000)
/** Characters of a text that is kept. */
const MAX_KNOWN = 8192

function certificateIn(element: XmlElementNode): Certificate | undefined {
  if (!holdsTextAlone(element)) return undefined
  const text = plainText(element)
  const known = KNOWN.get(text)
  if (known !== undefined) return known
  const der = decodeBase64(text)
  const [read] = der === undefined ? [] : parseCertificates([der])
  // A copy: what was cut out of a packet would hold all of it in memory.
  if (read !== undefined && text.length <= MAX_KNOWN)
    KNOWN.set(Buffer.from(text, 'latin1').toString('latin1'), read)
  return read
}

const holdsTextAlone = (element: XmlElementNode): boolean =>
  element.children.every(({ kind }) => kind === 'text')

const textOf = (element: XmlElementNode): Buffer | undefined =>
  holdsTextAlone(element) ? decodeBase64(plainText(element)) : undefined

function keyOf(spki: Buffer | undefined): KeyObject | undefined {
  try {
    return spki && createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** It counts as found where it cannot be read. */
const parseOne = (der: Uint8Array): (Certificate | undefined)[] => {
  const read = parseCertificates([der])
  return read.length === 0 ? [undefined] : read
}

const RAW = `${DSIG}rawX509Certificate`

/** Within the document, or a certificate that is given under the name; transforms are not followed. */
function retrieve(element: XmlElementNode, where: Where, into: Gathered, depth: number): void {
  const uri = attributeOf(element, 'URI') ?? ''
  if (depth === 0) return
  if (!uri.startsWith('#')) {
    const bytes = attributeOf(element, 'Type') === RAW ? where.externalBytes?.(uri) : undefined
    if (bytes !== undefined) into.certificates.push(...parseOne(bytes))
    return
  }
  const target = targetOf(where.document, uri.slice(1))
  if (target === undefined) return
  if (isDsig(target, 'KeyInfo')) gather(target, where, into, depth - 1)
  else rowOf(target)?.(target, where, into, depth - 1)
}

function targetOf(document: SignedDocument, id: string): XmlElementNode | undefined {
  try {
    return elementById(document, id)
  } catch {
    return undefined
  }
}

/** WS-Security: a reference to a BinarySecurityToken in the document. */
function followToken(element: XmlElementNode, { document }: Where, into: Gathered): void {
  for (const one of elementsOf(element)) {
    const uri = one.local === 'Reference' ? attributeOf(one, 'URI') : undefined
    const token = uri?.startsWith('#') ? targetOf(document, uri.slice(1)) : undefined
    if (token?.local === 'BinarySecurityToken') into.certificates.push(certificateIn(token))
  }
}
