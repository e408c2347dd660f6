import type { SignatureCheck } from '../../domain/signature-report.ts'
import { type CheckedReference, type CheckedSignature, failed, passed } from '../checks.ts'
import type { EntryDigests } from './asic-digests.ts'
import type { ManifestObject } from './asic-manifest.ts'

/** Says what of the container a signature covers: the whole where it names every data object. */
export function overObjects(
  checked: CheckedSignature,
  named: readonly string[],
  objects: readonly string[],
): CheckedSignature {
  const names = new Set(named)
  const missing = objects.find((name) => !names.has(name))
  const isWhole = objects.length > 0 && missing === undefined
  const check = isWhole ? passed('whole-document') : failed('whole-document', 'part-only', missing)
  return {
    ...checked,
    coverage: isWhole ? 'whole' : 'part',
    checks: [...checked.checks.filter((one) => one.check !== 'whole-document'), check],
  }
}

/** Adds what a manifest says of the entries to a signature or timestamp over the manifest. */
export function withManifest(
  checked: CheckedSignature,
  manifestName: string,
  objects: readonly ManifestObject[],
  digests: EntryDigests,
): CheckedSignature {
  const own = checked.references.map(({ intact }) => ({ uri: manifestName, intact }))
  const found = objects.map((one) => compare(one, digests))
  const isBroken = found.some(({ reference }) => reference.intact === false)
  const isUnknown = found.some(({ reference }) => reference.intact === null)
  const lowered = isUnknown && checked.state === 'valid' ? 'unverifiable' : checked.state
  return {
    ...checked,
    state: isBroken ? 'invalid' : lowered,
    references: [...own, ...found.map(({ reference }) => reference)],
    checks: [...checked.checks, ...found.flatMap(({ check }) => check)],
  }
}

function compare(
  { uri, name, hash, digest }: ManifestObject,
  digests: EntryDigests,
): { reference: CheckedReference; check: SignatureCheck[] } {
  if (hash === undefined)
    return { reference: { uri, intact: null }, check: [failed('algorithm', 'algorithm-refused', uri)] }
  const found = digests.get(name, hash)
  if (found === undefined)
    return { reference: { uri, intact: false }, check: [failed('reference', 'reference-missing', uri)] }
  if (found.equals(digest)) return { reference: { uri, intact: true }, check: [] }
  return { reference: { uri, intact: false }, check: [failed('digest', 'digest-mismatch', uri)] }
}
