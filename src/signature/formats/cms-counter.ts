import type { SignatureFinding } from '../../domain/signature-report.ts'
import { type CheckedSignature, type Notes, unverifiable } from '../checks.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Ber } from './ber.ts'
import { checkTimestamps } from './cades.ts'
import { takeUnsignedValues } from './cades-values.ts'
import { valuesOf } from './cms-attributes.ts'
import { checkingCms } from './cms-checking.ts'
import { contentInMemory } from './cms-content.ts'
import { type CmsEffort, spend } from './cms-effort.ts'
import { noEvidence, noteEvidence } from './cms-evidence.ts'
import { checkSignerInfo } from './cms-signer.ts'
import { readSigner, type SignedData, type SignerInfo } from './cms-structure.ts'

const COUNTER_SIGNATURE = '1.2.840.113549.1.9.6'
const MAX_DEPTH = 3

interface Common {
  readonly format: SignatureFinding['format']
  readonly data: SignedData
  readonly certificates: readonly Certificate[]
  readonly effort: CmsEffort
}

/**
 * The countersignatures of a signature and of these in turn (RFC 5652 §11.4): each is over the signature value of the
 * one above it, says nothing of the content itself, and has an entry of its own.
 */
export function checkCounterSignatures(
  common: Common,
  parent: SignerInfo,
  id: string,
  depth = 1,
): CheckedSignature[] {
  const values = valuesOf(parent.unsignedAttributes, COUNTER_SIGNATURE)
  if (values.length === 0) return []
  if (depth > MAX_DEPTH || !spend(common.effort, 'counterSignatures', values.length))
    return [stopped(common, `${id}/0`, unverifiable('form', 'too-many-signatures'))]
  return values.flatMap((value, index) => checkOne(common, parent, value, `${id}/${index}`, depth))
}

function checkOne(
  common: Common,
  parent: SignerInfo,
  value: Ber,
  id: string,
  depth: number,
): CheckedSignature[] {
  const signer = reading(value)
  if (signer === undefined) return [stopped(common, id, unverifiable('form', 'cms-unreadable'))]
  const checked = checkingCms(common.format, (notes) => {
    begin(notes, id)
    const content = contentInMemory(parent.signature)
    const evidence = noEvidence()
    takeUnsignedValues(signer.unsignedAttributes, evidence)
    notes.embedded = [...common.certificates]
    noteEvidence(notes, evidence)
    checkTimestamps({ data: common.data, signer, content }, notes.embedded, notes, common.effort)
    checkSignerInfo(signer, { contentType: undefined, content, certificates: common.certificates }, notes)
  })
  return [checked, ...checkCounterSignatures(common, signer, id, depth + 1)]
}

function begin(notes: Notes, id: string): void {
  notes.id = id
  notes.coverage = 'part'
  notes.counterSignature = true
}

const stopped = ({ format }: Common, id: string, stop: Error): CheckedSignature =>
  checkingCms(format, (notes) => {
    begin(notes, id)
    throw stop
  })

function reading(value: Ber): SignerInfo | undefined {
  try {
    return readSigner(value)
  } catch {
    return undefined
  }
}
