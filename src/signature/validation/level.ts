import type { CheckedSignature } from '../checks.ts'
import type { TimestampKind } from '../timestamp/checked-timestamp.ts'

const NAMES: Record<CheckedSignature['format'], { readonly advanced: string; readonly plain: string }> = {
  xmldsig: { advanced: 'XAdES', plain: 'XMLDSig' },
  cms: { advanced: 'CAdES', plain: 'CMS' },
  pades: { advanced: 'PAdES', plain: 'PDF' },
}

/**
 * The baseline level that a signature looks like (EN 319 132-1 §6, EN 319 122-1 §6, EN 319 142-1 §6), such as
 * `XAdES-B-LT`; the name of its plain format where the signer's certificate is not signed along. By what is there, not
 * by what it is worth.
 */
export function levelOf({ format, checks, timestamps, material }: CheckedSignature): string {
  const names = NAMES[format]
  const isNamed = checks.some(({ check, outcome }) => check === 'signing-certificate' && outcome === 'passed')
  if (!isNamed) return names.plain
  const has = (...kinds: TimestampKind[]) => timestamps.some(({ kind }) => kinds.includes(kind))
  const holdsStatus = material.crls.length + material.ocsps.length > 0
  if (holdsStatus && has('archive', 'document', 'container')) return `${names.advanced}-B-LTA`
  if (holdsStatus && has('signature')) return `${names.advanced}-B-LT`
  return `${names.advanced}-B-${has('signature', 'document', 'references', 'archive') ? 'T' : 'B'}`
}
