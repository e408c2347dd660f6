import type { XmlDocument, XmlElement } from 'libxml2-wasm'
import { algorithmName } from '../algorithms.ts'
import {
  type CheckedSignature,
  checkingSync,
  failed,
  type Notes,
  passed,
  SignatureStop,
  unverifiable,
} from '../checks.ts'
import type { CoverageRule } from './xmldsig-coverage.ts'
import {
  type Budget,
  checkDigests,
  type ExternalDigest,
  newBudget,
  readTree,
  resolve,
  type Target,
} from './xmldsig-references.ts'
import { readSignedInfo } from './xmldsig-signed-info.ts'
import { checkSigner, readSignedProperties } from './xmldsig-signer.ts'
import { base64Of, childElements, DSIG, isDsig, isInside, withXml } from './xmldsig-tree.ts'

/** More signatures than any packet has; each costs a parse. */
const MAX_SIGNATURES = 16
/** As many objects as one container may have beside the packet. */
const MAX_EXTERNAL_REFERENCES = 1000
/** Far above any packet or file of data; each costs several visits. */
const MAX_ELEMENTS = 300_000
/** A packet's signature has a handful. */
const MAX_REFERENCES = 50

export interface XmlRules {
  readonly coverage: CoverageRule
  /** Digests of objects beside the signature; without it every external reference is refused. */
  readonly external?: ExternalDigest
}

/**
 * Checks every XML-Signature of a document (XMLDSig 1.1 core validation, a strict profile): integrity and coverage,
 * not trust. Countersignatures nested in a signature are checked like any other. Empty where there is none.
 */
export function checkXmlSignatures(bytes: Uint8Array, rules: XmlRules): CheckedSignature[] {
  // An element name cannot be written otherwise in UTF-8 XML: without these letters there is no signature.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('Signature')) return []
  try {
    const { count, foreign } = withXml(bytes, survey)
    if (count > MAX_SIGNATURES) return [stopped(unverifiable('form', 'too-many-signatures', String(count)))]
    const budget = newBudget()
    const found = Array.from({ length: count }, (_, index) =>
      checkingSync('xmldsig', (notes) =>
        withXml(bytes, (document) => checkOne(document, index, rules, notes, budget)),
      ),
    )
    return [...found, ...foreign.map((name) => stopped(unverifiable('form', 'signature-namespace', name)))]
  } catch (error) {
    if (error instanceof SignatureStop) return [stopped(error)]
    throw error
  }
}

const stopped = (stop: SignatureStop): CheckedSignature =>
  checkingSync('xmldsig', () => {
    throw stop
  })

const SIGNATURES = `//*[local-name()='Signature' and namespace-uri()='${DSIG}']`

/** Looks like a signature, but no reader of XML-Signature would find one there. An empty element is none at all. */
const FOREIGN = `//*[local-name()='Signature' or local-name()='DigitalSignature'][namespace-uri()!='${DSIG}']
  [(local-name()='Signature' and *[local-name()='SignedInfo']) or
   (local-name()='DigitalSignature' and normalize-space(.)!='')]
  [not(.//*[namespace-uri()='${DSIG}'])][not(ancestor::*[local-name()='DigitalSignature'])]`

function survey(document: XmlDocument): { count: number; foreign: string[] } {
  const elements = Number(document.eval('count(/descendant::*)'))
  if (elements > MAX_ELEMENTS) throw unverifiable('form', 'xml-too-costly', `${elements} > ${MAX_ELEMENTS}`)
  const foreign = (document.find(FOREIGN) as XmlElement[]).slice(0, MAX_SIGNATURES)
  return { count: document.find(SIGNATURES).length, foreign: foreign.map(({ name }) => name) }
}

const ANY = `//*[local-name()='Signature' or local-name()='DigitalSignature']
  [namespace-uri()='${DSIG}' or * or normalize-space(.)!='']`

/** Whether a document holds anything that looks like a signature; what cannot be read is taken to hold one. */
export function looksSigned(bytes: Uint8Array): boolean {
  try {
    return withXml(bytes, (document) => document.get(ANY) !== null)
  } catch (error) {
    if (error instanceof SignatureStop) return true
    throw error
  }
}

function checkOne(document: XmlDocument, index: number, rules: XmlRules, notes: Notes, budget: Budget): void {
  const signature = document.find(SIGNATURES)[index] as XmlElement
  const { signedInfo, signatureValue, keyInfo } = partsOf(signature)
  const info = readSignedInfo(signedInfo)
  const most = rules.external === undefined ? MAX_REFERENCES : MAX_EXTERNAL_REFERENCES
  if (info.references.length > most) throw unverifiable('form', 'signature-malformed', 'Reference')
  notes.signatureAlgorithm = algorithmName(info.algorithm)
  notes.digestAlgorithm = info.references[0]!.hash
  const tree = readTree(document, budget)
  const resolved = info.references.map((reference) => ({
    reference,
    target: resolve(tree, reference.uri, budget, rules.external),
  }))
  const targets = resolved.map(({ target }) => target)
  const covered = rules.coverage(document, signature, targets)
  const properties = readSignedProperties(ownParts(targets, signature))
  if (properties.signingTime !== undefined) notes.claimedSigningTime = properties.signingTime
  checkSigner(info, base64Of(signatureValue), keyInfo, properties, notes)
  checkDigests(tree, signature, resolved, rules.external, notes, budget)
  notes.checks.push(covered ? passed('whole-document') : failed('whole-document', 'part-only'))
}

/** The elements inside the signature's Objects that a reference covers. */
const ownParts = (targets: readonly Target[], signature: XmlElement): XmlElement[] =>
  targets.flatMap((target) =>
    target.kind === 'element' && isInside(target.element, signature) && !target.element.isSameNode(signature)
      ? [target.element]
      : [],
  )

interface Parts {
  readonly signedInfo: XmlElement
  readonly signatureValue: XmlElement
  readonly keyInfo: XmlElement | undefined
}

/** SignedInfo, SignatureValue, KeyInfo?, Object* (XML-Signature 1.1 §4.2), nothing else and nothing twice. */
function partsOf(signature: XmlElement): Parts {
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
