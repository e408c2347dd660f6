import type { KeyObject } from 'node:crypto'
import type { SignatureFinding } from '../../domain/signature-report.ts'
import { type CheckedSignature, checking, unverifiable } from '../checks.ts'
import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import { checkTimestamps } from './cades.ts'
import { takeSignedValues, takeUnsignedValues } from './cades-values.ts'
import { checkingCms } from './cms-checking.ts'
import { ABSENT, type Content, contentInMemory, contentOfStream, type SignedContent } from './cms-content.ts'
import { checkCounterSignatures } from './cms-counter.ts'
import { type CmsEffort, newEffort } from './cms-effort.ts'
import { type Evidence, noEvidence, noteEvidence, takeRevocations } from './cms-evidence.ts'
import { questionsOf } from './cms-questions.ts'
import { checkSignerInfo } from './cms-signer.ts'
import { readSignedData, type SignedData, type SignerInfo } from './cms-structure.ts'

export type { Content } from './cms-content.ts'

const MAX_SIGNERS = 16
/** Reading one costs about as much as checking a signature. */
const MAX_CERTIFICATES = 200

/** What a caller adds from outside. */
export interface CmsOptions {
  /** Certificates to look for the signers in, where the file does not carry them. */
  readonly certificates?: readonly Certificate[]
  /** The one key that counts: what the file says of its signers is then not looked at. */
  readonly key?: KeyObject | Certificate
}

/** Reads the SignedData or says that it cannot. */
export function openCms(bytes: Uint8Array): SignedData {
  try {
    return readSignedData(bytes)
  } catch (error) {
    throw unverifiable('form', 'cms-unreadable', error instanceof Error ? error.message : undefined)
  }
}

/**
 * Checks every signer of a SignedData (RFC 5652 §5.6, RFC 5035): integrity, not trust. `detached` is the content
 * where it lies outside, read once whatever the number of signers; content inside goes before it.
 */
export async function checkCms(
  format: SignatureFinding['format'],
  data: SignedData,
  detached: Content | undefined,
  options: CmsOptions = {},
): Promise<CheckedSignature[]> {
  const count = data.signers.length
  if (count === 0 || count > MAX_SIGNERS) {
    const stop = unverifiable('form', count === 0 ? 'signature-malformed' : 'too-many-signatures')
    return [await checking(format, () => Promise.reject(stop))]
  }
  const embedded = distinct(parseCertificates(data.certificates.slice(0, MAX_CERTIFICATES)))
  const certificates = [...embedded, ...(options.certificates ?? [])]
  const content = await contentOf(data, detached, certificates, options.key)
  const key = options.key && { key: options.key }
  const common = { format, data, content, embedded, certificates, effort: newEffort(), ...key }
  return data.signers.flatMap((signer, index) => checkOne(common, signer, String(index)))
}

const distinct = (certificates: readonly Certificate[]): Certificate[] => [
  ...new Map(certificates.map((one) => [one.sha256, one])).values(),
]

async function contentOf(
  data: SignedData,
  detached: Content | undefined,
  certificates: readonly Certificate[],
  key: KeyObject | Certificate | undefined,
): Promise<SignedContent> {
  if (data.content !== undefined) return contentInMemory(data.content)
  if (data.isAttached || detached === undefined) return ABSENT
  return contentOfStream(detached, questionsOf(data, certificates, key))
}

/** What comes with a signer besides the certificates of the SignedData. */
function evidenceOf(data: SignedData, signer: SignerInfo): Evidence {
  const evidence = noEvidence()
  takeRevocations(data.revocations, evidence)
  takeSignedValues(signer.signedAttributes, evidence)
  takeUnsignedValues(signer.unsignedAttributes, evidence)
  return evidence
}

interface Common {
  readonly format: SignatureFinding['format']
  readonly data: SignedData
  readonly content: SignedContent
  readonly embedded: readonly Certificate[]
  /** Those, and what the caller adds. */
  readonly certificates: readonly Certificate[]
  readonly effort: CmsEffort
  readonly key?: KeyObject | Certificate
}

/** A signer and, after it, those who signed its value. */
function checkOne(common: Common, signer: SignerInfo, id: string): CheckedSignature[] {
  const { format, data, content, embedded, certificates, effort } = common
  const checked = checkingCms(format, (notes) => {
    notes.id = id
    notes.coverage = 'whole'
    notes.embedded = [...embedded]
    noteEvidence(notes, evidenceOf(data, signer))
    checkTimestamps({ data, signer, content }, notes.embedded, notes, effort)
    const { contentType, isAttached } = data
    checkSignerInfo(signer, { ...common, contentType, isAttached }, notes)
    notes.modifiedAfterSigning = false
  })
  return [checked, ...checkCounterSignatures({ format, data, certificates, effort }, signer, id)]
}
