import type { SignatureCheck } from '../../domain/signature-report.ts'
import { failed, passed } from '../checks.ts'
import { reason } from '../reasons.ts'
import type { LaterChange } from './pdf-changes.ts'
import type { PdfDocument } from './pdf-document.ts'
import { isArray, isDict, type PdfDict, PdfDoubt, type PdfValue } from './pdf-syntax.ts'
import { pdfText } from './pdf-text.ts'

/** What the signer of a PDF lets others change (ISO 32000-2 §12.8.2.2, §12.8.2.4, table 236). */
export interface Permissions {
  /** 1 nothing but validation data, 2 forms and signatures as well, 3 annotations too. */
  readonly level: number
  readonly locks: readonly FieldLock[]
}

interface FieldLock {
  readonly action: string
  readonly fields: readonly string[]
}

/** What one later revision does, as far as permissions speak of it. */
export interface PermittedStep {
  readonly change: LaterChange
  /** Whether it ends in a signature that is no timestamp. */
  readonly signs: boolean
}

const MAX_FIELDS = 20_000
const MAX_TRANSFORMS = 16

/** The transforms of a signature and the lock of its field; undefined where there is none. @throws PdfDoubt */
export async function permissionsOf(
  document: PdfDocument,
  signature: PdfDict,
  lock: PdfDict | undefined,
): Promise<Permissions | undefined> {
  const levels: number[] = []
  const locks: FieldLock[] = []
  const references = await document.resolve(signature.get('/Reference'))
  for (const item of isArray(references) ? references.slice(0, MAX_TRANSFORMS) : []) {
    const reference = await document.resolve(item)
    if (!isDict(reference)) throw new PdfDoubt('/Reference')
    const found = await document.resolve(reference.get('/TransformParams'))
    const parameters: PdfDict = isDict(found) ? found : new Map()
    const method = reference.get('/TransformMethod')
    if (method === '/DocMDP') levels.push(levelOf(parameters.get('/P') ?? 2))
    if (method === '/FieldMDP') locks.push(await lockOf(document, parameters))
  }
  if (lock !== undefined) {
    locks.push(await lockOf(document, lock))
    if (lock.has('/P')) levels.push(levelOf(lock.get('/P')))
  }
  if (levels.length + locks.length === 0) return undefined
  return { level: Math.min(3, ...levels), locks }
}

/** A level that the standard does not know permits nothing. */
const levelOf = (value: PdfValue | undefined): number => (value === 2 || value === 3 ? value : 1)

async function lockOf(document: PdfDocument, parameters: PdfDict): Promise<FieldLock> {
  const names = await document.resolve(parameters.get('/Fields'))
  const fields = isArray(names) ? names.slice(0, MAX_FIELDS) : []
  return {
    action: String(parameters.get('/Action')),
    fields: fields.flatMap((one) => (typeof one === 'string' ? [pdfText(one.slice(1))] : [])),
  }
}

/** Whether what was done later is what the signer permits. */
export function checkPermissions(permissions: Permissions, steps: readonly PermittedStep[]): SignatureCheck {
  for (const step of steps) {
    const breach = breachOf(permissions, step)
    if (breach !== undefined) return failed('doc-mdp', 'mdp-violated', breach)
  }
  const isChanged = steps.some(({ change }) => change.kind === 'changed')
  return isChanged
    ? { ...passed('doc-mdp'), code: 'mdp-permitted', reason: reason('mdp-permitted') }
    : passed('doc-mdp')
}

const NEEDED = { forms: 2, annotations: 3, other: 4 } as const

function breachOf({ level, locks }: Permissions, { change, signs }: PermittedStep): string | undefined {
  if (signs && level < 2) return `P ${level} < 2`
  if (change.kind !== 'changed') return undefined
  const needed = NEEDED[change.level]
  if (level < needed) return `P ${level}: ${change.what}`
  return change.fields.find((field) => locks.some((lock) => isLocked(lock, field)))
}

/** A lock of a field holds for the fields below it. An action that the standard does not know locks everything. */
function isLocked({ action, fields }: FieldLock, field: string): boolean {
  const isNamed = fields.some((one) => field === one || field.startsWith(`${one}.`))
  if (action === '/Include') return isNamed
  return action === '/Exclude' ? !isNamed : true
}
