import {
  LEVELS,
  type Level,
  POLICY_CHECK_IDS,
  POLICY_CHECKS,
  type PolicyCheckId,
  STANDARD_POLICY,
  type ValidationPolicy,
} from './policy-checks.ts'

/** One policy file: the types of document that it is for, and levels where they differ from the standard. */
export interface PolicyFile {
  readonly policy: ValidationPolicy
  /** Names or numbers of document types as envelopes have them, folded; empty for every other document. */
  readonly documentTypes: readonly string[]
}

/** Everything that is wrong with a policy file. */
export class PolicyError extends Error {
  readonly faults: readonly string[]

  constructor(source: string, faults: readonly string[]) {
    super(`the signature policy ${source} cannot be used:\n${faults.map((one) => `  - ${one}`).join('\n')}`)
    this.name = 'PolicyError'
    this.faults = faults
  }
}

/** Document types are compared without regard to case, spacing and the form of their diacritics. */
export const foldType = (text: string): string =>
  text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim()

/**
 * Reads a policy from JSON: `{id, documentTypes?, checks?, note?}`. Checks that it does not name have their standard.
 * @throws PolicyError for what is no JSON, for unknown keys, checks and levels, and for levels below what is permitted
 */
export function parsePolicy(text: string, source: string): PolicyFile {
  const faults: string[] = []
  const data = readObject(text, source)
  for (const key of Object.keys(data)) if (!KEYS.has(key)) faults.push(`unknown key ${key}`)
  const { id, documentTypes = [], checks = {} } = data
  if (typeof id !== 'string' || id.trim() === '') faults.push('id must be a text')
  const types = isTexts(documentTypes) ? documentTypes : []
  if (!isTexts(documentTypes)) faults.push('documentTypes must be a list of texts')
  if (!isObject(checks)) faults.push('checks must be an object')
  const levels: Record<PolicyCheckId, Level> = { ...STANDARD_POLICY.levels }
  for (const [name, level] of Object.entries(isObject(checks) ? checks : {})) {
    const check = POLICY_CHECK_IDS.find((one) => one === name)
    const known = LEVELS.find((one) => one === level)
    if (check === undefined) faults.push(`unknown check ${name}`)
    else if (known === undefined) faults.push(`${name} must be one of ${LEVELS.join(', ')}`)
    else if (LEVELS.indexOf(known) < LEVELS.indexOf(POLICY_CHECKS[check].least))
      faults.push(`${name} may not be below ${POLICY_CHECKS[check].least}`)
    else levels[check] = known
  }
  if (faults.length > 0) throw new PolicyError(source, faults)
  return { policy: { id: String(id), levels }, documentTypes: types.map(foldType) }
}

const KEYS = new Set(['$schema', 'id', 'note', 'documentTypes', 'checks'])

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

function readObject(text: string, source: string): Record<string, unknown> {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new PolicyError(source, [`no JSON: ${(error as Error).message}`])
  }
  if (!isObject(data)) throw new PolicyError(source, ['must be an object'])
  return data
}
