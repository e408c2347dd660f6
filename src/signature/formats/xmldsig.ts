import type { KeyObject } from 'node:crypto'
import { attributeOf, childElements, type XmlElementNode, type XmlRoot } from '../../xml/nodes.ts'
import {
  type CheckedSignature,
  checkingSync,
  failed,
  type Notes,
  noteInvalid,
  passed,
  SignatureStop,
  unverifiable,
} from '../checks.ts'
import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import { noteEvidence } from './cms-evidence.ts'
import { embeddedEvidence } from './xades-evidence.ts'
import { isXades, readSignedProperties } from './xades-properties.ts'
import { checkXadesTimestamps } from './xades-timestamps.ts'
import type { StreamedDigests } from './xml-streamed.ts'
import type { CoverageRule } from './xmldsig-coverage.ts'
import type { ExternalBytes, ExternalDigest } from './xmldsig-data.ts'
import { readSignedDocument, type SignedDocument, signedDocument } from './xmldsig-document.ts'
import { readKeyInfo } from './xmldsig-keys.ts'
import { newBudget, type Place } from './xmldsig-place.ts'
import { judgeReferences, ownParts, type ResolvedReference } from './xmldsig-references.ts'
import { readSignedInfo } from './xmldsig-signed-info.ts'
import { checkSigner } from './xmldsig-signer.ts'
import { base64Of, isDsig } from './xmldsig-tree.ts'

/** More signatures than any document has. */
const MAX_SIGNATURES = 64
/** As many objects as one container may have beside the packet. */
const MAX_REFERENCES = 1000

export interface XmlRules {
  readonly coverage: CoverageRule
  /** Digests of objects beside the signature; without it every external reference is refused. */
  readonly external?: ExternalDigest
  /** Their octets, where transforms are to be carried out on them or timestamps stand over them. */
  readonly externalBytes?: ExternalBytes
  /** Whether encodings other than UTF-8 are read too, as generic XML files have them. A packet is UTF-8. */
  readonly anyEncoding?: boolean
  /** The one key that counts: KeyInfo is then not asked. */
  readonly key?: KeyObject | Certificate
}

/**
 * Checks every XML-Signature of a document (XMLDSig 1.1 core validation, XAdES 1.1.1 to 1.4.1 and EN 319 132-1):
 * integrity and coverage, not trust. Countersignatures nested in a signature are checked like any other. Empty where
 * there is none. Nothing is thrown for what the bytes hold.
 */
export function checkXmlSignatures(bytes: Uint8Array, rules: XmlRules): CheckedSignature[] {
  // In UTF-8 an element name cannot be written otherwise: without these letters there is no signature.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.includes('Signature') && !buffer.subarray(0, 4).includes(0)) return []
  return checkRead(() => readSignedDocument(bytes, rules.anyEncoding === true), rules)
}

/** The same for a document that `readPlainXml` has read, as its file stands. */
export const checkXmlTree = (tree: XmlRoot, rules: XmlRules): CheckedSignature[] =>
  checkRead(() => signedDocument(tree), rules)

function checkRead(read: () => SignedDocument, rules: XmlRules): CheckedSignature[] {
  try {
    return checkDocument(read(), rules)
  } catch (error) {
    if (error instanceof SignatureStop) return [stopped(error)]
    throw error
  }
}

/** The same for a document that has been read, or for the part of it that is not `streamed`. */
export function checkDocument(
  document: SignedDocument,
  rules: XmlRules,
  streamed?: StreamedDigests,
): CheckedSignature[] {
  const { signatures, foreign } = document
  if (signatures.length > MAX_SIGNATURES)
    return [stopped(unverifiable('form', 'too-many-signatures', String(signatures.length)))]
  const budget = newBudget()
  const { externalBytes } = rules
  return [
    ...signatures.map((signature) => {
      const place = { document, signature, budget, externalBytes, ...(streamed && { streamed }) }
      return checkingSync('xmldsig', (notes) => checkOne(place, rules, notes))
    }),
    ...foreign
      .slice(0, MAX_SIGNATURES)
      .map(({ local }) => stopped(unverifiable('form', 'signature-namespace', local))),
  ]
}

/** What is said of a file that could not be looked into. */
export const stopped = (stop: SignatureStop): CheckedSignature =>
  checkingSync('xmldsig', () => {
    throw stop
  })

function checkOne(place: Place, rules: XmlRules, notes: Notes): void {
  const { document, signature } = place
  const id = attributeOf(signature, 'Id')
  if (id !== undefined) notes.id = id
  const { signedInfo, signatureValue, keyInfo } = partsOf(signature)
  const info = readSignedInfo(signedInfo)
  if (info.references.length > MAX_REFERENCES) throw unverifiable('form', 'signature-malformed', 'Reference')
  const references = judgeReferences(info, place, rules.external, notes)
  const covered = ownParts(references, signature)
  const { signingTime, signingCertificate } = readSignedProperties(covered)
  if (signingTime !== undefined) notes.claimedSigningTime = signingTime
  const evidence = embeddedEvidence(signature)
  const keys = {
    given: rules.key,
    keyInfo: readKeyInfo(keyInfo, document, rules.externalBytes),
    others: signingCertificate.length === 0 ? [] : parseCertificates(evidence.certificates),
  }
  notes.value = base64Of(signatureValue)
  checkSigner(info, notes.value, keys, signingCertificate, notes)
  noteEvidence(notes, evidence)
  const isComplete = references.length === info.references.length
  checkXadesTimestamps({ signature, references, isComplete, place }, covered, notes)
  noteCoverage(document, signature, references, rules.coverage, notes)
}

function noteCoverage(
  document: SignedDocument,
  signature: XmlElementNode,
  references: readonly ResolvedReference[],
  coverage: CoverageRule,
  notes: Notes,
): void {
  const { parent } = signature
  if (parent.kind === 'element' && parent.local === 'CounterSignature' && isXades(parent)) {
    notes.counterSignature = true
    if (!references.some(({ target }) => target === valueAround(parent)))
      noteInvalid(notes, failed('counter-signature', 'reference-position', 'SignatureValue'))
    return
  }
  const isWhole = coverage(document, signature, references)
  notes.coverage = isWhole ? 'whole' : 'part'
  notes.checks.push(isWhole ? passed('whole-document') : failed('whole-document', 'part-only'))
}

/** The value of the signature in whose properties an element stands. */
function valueAround(element: XmlElementNode): XmlElementNode | undefined {
  for (let node: XmlElementNode['parent'] = element; node.kind === 'element'; node = node.parent)
    if (isDsig(node, 'Signature')) return childElements(node).find((one) => isDsig(one, 'SignatureValue'))
  return undefined
}

interface Parts {
  readonly signedInfo: XmlElementNode
  readonly signatureValue: XmlElementNode
  readonly keyInfo: XmlElementNode | undefined
}

/** SignedInfo, SignatureValue, KeyInfo?, Object* (XML-Signature 1.1 §4.2), nothing else and nothing twice. */
function partsOf(signature: XmlElementNode): Parts {
  const [signedInfo, signatureValue, ...rest] = childElements(signature)
  const keyInfo = rest[0] !== undefined && isDsig(rest[0], 'KeyInfo') ? rest.shift() : undefined
  const isWellBuilt =
    signedInfo !== undefined &&
    isDsig(signedInfo, 'SignedInfo') &&
    signatureValue !== undefined &&
    isDsig(signatureValue, 'SignatureValue') &&
    rest.every((child) => isDsig(child, 'Object'))
  if (!isWellBuilt) throw unverifiable('form', 'signature-malformed', 'Signature')
  return { signedInfo, signatureValue, keyInfo }
}
