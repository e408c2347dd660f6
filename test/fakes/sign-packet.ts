import { createHash, randomUUID, sign } from 'node:crypto'
import { ParseOption, XmlDocument, type XmlElement } from 'libxml2-wasm'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const ENVELOPED = `${DSIG}enveloped-signature`
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'

/** What one signature is made with. The defaults are sound; the others are for tests that must find fault. */
export interface PacketSignOptions {
  /**
   * Undefined: one reference to the whole packet with enveloped-signature, as the hand-made packets of the axis have.
   * A list: the profile of government signers, `Reference URI="#Id"` without transforms for each of these Ids, after
   * a first one for the SignatureProperty that holds SigningTime. The elements must carry the `Id` attributes.
   */
  readonly ids?: readonly string[]
  /** Claimed signing time; only in the profile with Ids. Now unless told. */
  readonly time?: Date
  readonly hash?: 'sha256' | 'sha1'
  /** What KeyInfo holds: the leaf alone, it with its subject's name (as government signers have it), the whole chain, or nothing. */
  readonly keyInfo?: 'leaf' | 'named-leaf' | 'chain' | 'none'
  /** The digest of canonical octets, for a packet in which a word stands for what is too long to be held. */
  readonly digest?: (canonical: Buffer) => Buffer
}

const DIGEST_URI = { sha256: 'http://www.w3.org/2001/04/xmlenc#sha256', sha1: `${DSIG}sha1` }
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const METHOD_URI = {
  rsa: { sha256: `${MORE}rsa-sha256`, sha1: `${DSIG}rsa-sha1` },
  ec: { sha256: `${MORE}ecdsa-sha256`, sha1: `${MORE}ecdsa-sha1` },
}

/**
 * Signs an edXML packet: an XML-Signature as the last child of edXMLHeader (QCVN 102:2016), inclusive C14N 1.0. The
 * packet's own bytes stay as they are around it. A second call adds a second signature; over the whole packet that
 * breaks the first, over Ids both stay intact.
 * @throws Error where the packet has no closing tag of edXMLHeader
 */
export function signPacket(packet: Uint8Array, key: SigningKey, options: PacketSignOptions = {}): Uint8Array {
  const text = Buffer.from(packet).toString('utf8')
  const at = text.search(/<\/(?:\w+:)?edXMLHeader\s*>/)
  if (at < 0) throw new Error('no edXMLHeader in the packet')
  const id = `sig-${randomUUID()}`
  const hash = options.hash ?? 'sha256'
  const object = options.ids === undefined ? '' : propertyText(id, options.time ?? new Date())
  // Built with empty digests and value first: canonical octets depend on where the parts stand.
  const place = (signature: string) => Buffer.from(text.slice(0, at) + signature + text.slice(at))
  const build = (digests: readonly string[], value: string) =>
    place(signatureText(id, referencesText(id, options.ids, digests, hash), value, object, key, options))
  const blank = build([], '')
  const targets = options.ids === undefined ? [undefined] : [`${id}-time`, ...options.ids]
  const source = options.ids === undefined ? packet : blank
  const digest = options.digest ?? ((octets) => createHash(hash).update(octets).digest())
  const digestOf = (bytes: Uint8Array, id: string | undefined): string =>
    digest(canonical(bytes, id === undefined ? undefined : `//*[@Id='${id}']`)).toString('base64')
  const byTarget = new Map([...new Set(targets)].map((target) => [target, digestOf(source, target)]))
  const digests = targets.map((target) => byTarget.get(target)!)
  const info = canonical(build(digests, ''), `//*[@Id='${id}']/*[local-name()='SignedInfo']`)
  const value = sign(hash, info, { key: key.key, dsaEncoding: 'ieee-p1363' })
  return build(digests, value.toString('base64'))
}

function canonical(bytes: Uint8Array, xpath: string | undefined): Buffer {
  const document = XmlDocument.fromBuffer(bytes, { option: ParseOption.XML_PARSE_NO_XXE })
  try {
    const target = xpath === undefined ? document : (document.get(xpath) as XmlElement | null)
    if (target === null) throw new Error(`nothing at ${xpath}`)
    return Buffer.from(target.canonicalizeToString())
  } finally {
    document.dispose()
  }
}

function referencesText(
  id: string,
  ids: readonly string[] | undefined,
  digests: readonly string[],
  hash: 'sha256' | 'sha1',
): string {
  const one = (uri: string, index: number, transforms: string) =>
    `<Reference URI="${uri}">${transforms}<DigestMethod Algorithm="${DIGEST_URI[hash]}"/>` +
    `<DigestValue>${digests[index] ?? ''}</DigestValue></Reference>`
  if (ids === undefined) return one('', 0, `<Transforms><Transform Algorithm="${ENVELOPED}"/></Transforms>`)
  return [`${id}-time`, ...ids].map((target, index) => one(`#${target}`, index, '')).join('')
}

const propertyText = (id: string, time: Date): string =>
  `<Object><SignatureProperties><SignatureProperty Id="${id}-time" Target="#${id}">` +
  `<SigningTime xmlns="http://example.org/#signatureProperties">${time.toISOString()}</SigningTime>` +
  `</SignatureProperty></SignatureProperties></Object>`

/** node:crypto writes one part a line, the most general first; RFC 4514 the other way. */
const subjectName = (subject: string): string =>
  `<X509SubjectName>${subject
    .split('\n')
    .reverse()
    .join(',')
    .replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)}</X509SubjectName>`

function signatureText(
  id: string,
  references: string,
  value: string,
  object: string,
  { key, certificateChain }: SigningKey,
  options: PacketSignOptions,
): string {
  const method = METHOD_URI[key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'][options.hash ?? 'sha256']
  const leaf = certificateChain.slice(0, 1)
  const kind = options.keyInfo ?? 'leaf'
  const shown = { leaf, 'named-leaf': leaf, chain: certificateChain, none: [] }[kind]
  const names = kind === 'named-leaf' ? leaf.map(({ x509 }) => subjectName(x509.subject)) : []
  const certificates = shown.map(
    ({ der }) => `<X509Certificate>${Buffer.from(der).toString('base64')}</X509Certificate>`,
  )
  const keyInfo =
    shown.length === 0
      ? ''
      : `<KeyInfo><X509Data>${[...names, ...certificates].join('')}</X509Data></KeyInfo>`
  return (
    `<Signature xmlns="${DSIG}" Id="${id}"><SignedInfo><CanonicalizationMethod Algorithm="${C14N}"/>` +
    `<SignatureMethod Algorithm="${method}"/>${references}</SignedInfo>` +
    `<SignatureValue>${value}</SignatureValue>${keyInfo}${object}</Signature>`
  )
}
