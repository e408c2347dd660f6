import type { SignatureCheck, SignatureFinding, SignatureState } from '../domain/signature-report.ts'
import { type ReasonId, reason } from './reasons.ts'
import type { CheckedTimestamp } from './timestamp/checked-timestamp.ts'
import { NO_MATERIAL, type ValidationMaterial } from './validation-material.ts'
import type { Certificate } from './x509/certificate.ts'

/** The names of the checks, in the order of ETSI EN 319 102-1: form, integrity, then the certificate and its path. */
export type CheckId =
  | 'form'
  | 'algorithm'
  | 'algorithm-strength'
  | 'reference'
  | 'digest'
  | 'signing-certificate'
  | 'signature-value'
  | 'whole-document'
  | 'doc-mdp'
  | 'counter-signature'
  | 'chain'
  | 'validity-period'
  | 'key-usage'
  | 'revocation'
  | 'timestamp'
  | 'certificate-policy'
  | 'signing-time'
  | 'doc-mdp'

export const passed = (check: CheckId): SignatureCheck => ({ check, outcome: 'passed' })
export const failed = (check: CheckId, id: ReasonId, found?: string): SignatureCheck => ({
  check,
  outcome: 'failed',
  code: id,
  reason: reason(id, found),
})
export const notMade = (check: CheckId, id: ReasonId): SignatureCheck => ({
  check,
  outcome: 'not-made',
  code: id,
  reason: reason(id),
})

/** Ends the checking of one signature: what follows cannot be checked any more. Never leaves this folder. */
export class SignatureStop extends Error {
  readonly state: SignatureState
  readonly check: SignatureCheck

  constructor(state: 'unverifiable' | 'invalid', check: SignatureCheck) {
    super(check.reason?.en ?? check.check)
    this.state = state
    this.check = check
  }
}

export const unverifiable = (check: CheckId, id: ReasonId, found?: string): SignatureStop =>
  new SignatureStop('unverifiable', failed(check, id, found))

export const invalid = (check: CheckId, id: ReasonId, found?: string): SignatureStop =>
  new SignatureStop('invalid', failed(check, id, found))

/** One thing that a signature stands over. */
export interface CheckedReference {
  /** As written: `#id`, ``, `cid:...`; a name for formats without URIs (`content`, `ByteRange`). */
  readonly uri: string
  /** Whether the bytes have the digest that was signed; null where they are not at hand or were not read. */
  readonly intact: boolean | null
}

/**
 * What a signature stands over, as a reader of the file sees it: the whole of it, a part, or not known. A signature
 * that fits its bytes and covers a part must never be taken for one over the whole.
 */
export type Coverage = 'whole' | 'part' | 'unknown'

export interface LaterStep {
  /** The signatures at the end of the step, by their position among the signatures of the file. */
  readonly by: readonly number[]
  /** Whether it paints on a page that was signed before. */
  readonly paints: boolean
}

/** What a format finds out about one signature, before anything is said of trust. */
export interface CheckedSignature {
  readonly format: SignatureFinding['format']
  readonly state: SignatureState
  readonly checks: readonly SignatureCheck[]
  /** Whether every algorithm and key of the signature is of today's strength. */
  readonly strong: boolean
  /** The Id of an XML signature, the field of a PDF, the position in a CMS. */
  readonly id?: string
  /** Whether the signature value fits what it is over, under the signer's key; null where that was not tried. */
  readonly valueIntact: boolean | null
  readonly references: readonly CheckedReference[]
  readonly coverage: Coverage
  /** Whether the file holds more than the signer saw, by more than further signatures; null where that is not known. */
  readonly modifiedAfterSigning: boolean | null
  /**
   * What was added to the file afterwards, step by step, where that is nothing but further signatures, timestamps and
   * validation data: the signature covers the whole for whoever trusts those signers.
   */
  readonly later?: readonly LaterStep[]
  /** The certificate whose key made the signature value. */
  readonly signer?: Certificate
  /** Certificates that came with the signature: untrusted help for building a path. */
  readonly embedded: readonly Certificate[]
  /** The same certificates with the CRLs and OCSP responses that came with the signature. */
  readonly material: ValidationMaterial
  readonly timestamps: readonly CheckedTimestamp[]
  readonly claimedSigningTime?: string
  readonly digestAlgorithm?: string
  readonly signatureAlgorithm?: string
  /** The signature value, raw: what a signature timestamp stands over in CMS. */
  readonly value?: Uint8Array
  /** It is over another signature's value, and over no document: it counts neither for nor against the file. */
  readonly counterSignature?: true
  /** A document timestamp of a PDF (EN 319 142-1 §5.4.3): it attests a time, not a signer. */
  readonly documentTimestamp?: true
}

/** The notes taken while a signature is checked, so that a stop keeps what was found before it. */
export interface Notes {
  state: SignatureState
  checks: SignatureCheck[]
  strong: boolean
  id?: string
  valueIntact: boolean | null
  references: CheckedReference[]
  coverage: Coverage
  modifiedAfterSigning: boolean | null
  later?: readonly LaterStep[]
  signer?: Certificate
  embedded: Certificate[]
  crls: Uint8Array[]
  ocsps: Uint8Array[]
  timestamps: CheckedTimestamp[]
  claimedSigningTime?: string
  digestAlgorithm?: string
  signatureAlgorithm?: string
  value?: Uint8Array
  counterSignature?: true
  documentTimestamp?: true
}

/** Notes that something does not fit the bytes, and goes on: all that is wrong is told at once. */
export function noteInvalid(notes: Notes, check: SignatureCheck): void {
  notes.state = 'invalid'
  notes.checks.push(check)
}

/**
 * Runs the checks of one signature and turns a stop into its result.
 * @throws whatever else `work` throws: a fault of this code, never of the signature
 */
export async function checking(
  format: SignatureFinding['format'],
  work: (notes: Notes) => Promise<void>,
): Promise<CheckedSignature> {
  const notes = newNotes()
  await work(notes).catch((error: unknown) => noteStop(notes, error))
  return conclude(format, notes)
}

/** The same for a format that needs no I/O. */
export function checkingSync(
  format: SignatureFinding['format'],
  work: (notes: Notes) => void,
): CheckedSignature {
  const notes = newNotes()
  try {
    work(notes)
  } catch (error) {
    noteStop(notes, error)
  }
  return conclude(format, notes)
}

const newNotes = (): Notes => ({
  state: 'valid',
  checks: [],
  strong: true,
  valueIntact: null,
  references: [],
  coverage: 'unknown',
  modifiedAfterSigning: null,
  embedded: [],
  crls: [],
  ocsps: [],
  timestamps: [],
})

function noteStop(notes: Notes, error: unknown): void {
  if (!(error instanceof SignatureStop)) throw error
  if (notes.state !== 'invalid') notes.state = error.state
  notes.checks.push(error.check)
}

function conclude(format: SignatureFinding['format'], notes: Notes): CheckedSignature {
  const strength = notes.strong
    ? passed('algorithm-strength')
    : failed('algorithm-strength', 'algorithm-weak')
  const known = notes.signatureAlgorithm !== undefined
  const { crls, ocsps, ...facts } = notes
  return {
    ...facts,
    format,
    material:
      facts.embedded.length + crls.length + ocsps.length === 0
        ? NO_MATERIAL
        : { certificates: facts.embedded, crls, ocsps },
    checks: known ? [...notes.checks, strength] : notes.checks,
  }
}
