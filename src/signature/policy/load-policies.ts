import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { foldType, PolicyError, type PolicyFile, parsePolicy } from './parse-policy.ts'
import type { ValidationPolicy } from './policy-checks.ts'

/** The policies that come with the gateway. */
const OWN_FOLDER = fileURLToPath(new URL('./files', import.meta.url))

/** The type of a document as its envelope names it. */
export interface DocumentTypeName {
  readonly type?: number
  readonly typeName?: string
}

/** Gives the policy for a document; one without a type, or of a type that no policy names, has the general one. */
export type PolicyFor = (documentType?: DocumentTypeName) => ValidationPolicy

/**
 * Reads the policies of a folder (every `*.json`) or of one file; those of the gateway where none is named.
 * @throws PolicyError where one cannot be used, two are for one type of document, or none is general
 */
export async function loadPolicies(path: string = OWN_FOLDER): Promise<PolicyFor> {
  const names = await filesOf(path)
  const files = await Promise.all(names.map(async (name) => parsePolicy(await readFile(name, 'utf8'), name)))
  return policyTable(files, path)
}

async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path]
  const names = await readdir(path)
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
}

/** @throws PolicyError */
export function policyTable(files: readonly PolicyFile[], source: string): PolicyFor {
  const general = files.filter(({ documentTypes }) => documentTypes.length === 0)
  const rows = files.flatMap(({ policy, documentTypes }) =>
    documentTypes.map((type) => [type, policy] as const),
  )
  const byType = new Map(rows)
  const faults = [
    ...(general.length === 1
      ? []
      : [`${general.length} policies are general (without documentTypes); one must be`]),
    ...(byType.size === rows.length ? [] : ['a document type is named twice']),
  ]
  if (faults.length > 0) throw new PolicyError(source, faults)
  return (documentType) => {
    const names = [documentType?.typeName, documentType?.type].filter((name) => name !== undefined)
    const found = names.map((name) => byType.get(foldType(String(name)))).find((one) => one !== undefined)
    return found ?? general[0]!.policy
  }
}
