import type { TrustStore } from '../trust-anchor.ts'
import type { Certificate } from './certificate.ts'
import { isAnchorTrusted, isWithinValidity } from './path-faults.ts'
import { searchPaths } from './path-search.ts'
import type { PathSettings, PathValidation } from './path-types.ts'

/** What a path to a certificate was found by, and what was found. */
interface Sound {
  readonly anchors: TrustStore['anchors']
  readonly intermediates: TrustStore['intermediates']
  readonly embedded: readonly Certificate[]
  readonly purpose: PathSettings['purpose']
  readonly validation: PathValidation
}

/** Of each leaf the last for each purpose: a signer's certificate may be asked about for several in one check. */
const LAST = new WeakMap<Certificate, Map<Sound['purpose'], Sound>>()

export interface PathQuestion extends Pick<Sound, 'anchors' | 'intermediates' | 'embedded' | 'purpose'> {
  readonly leaf: Certificate
  readonly time: Date
}

/**
 * The last path of a certificate for a purpose where it was without fault or weakness, nothing was known of revocation,
 * and the same is asked again: all that time changes is whether each certificate is within its validity and the anchor
 * is trusted. The path was the first of all, so that no other becomes a better one.
 */
export function lastSoundPath({ leaf, time, ...question }: PathQuestion): PathValidation | undefined {
  const last = LAST.get(leaf)?.get(question.purpose)
  if (last === undefined || !isSame(last, question)) return undefined
  return isInForce(last.validation, time) ? last.validation : undefined
}

/** Keeps a path that `lastSoundPath` may answer with. @param settings without CRLs and OCSP responses */
export function keepSoundPath(
  { leaf, time, ...question }: PathQuestion,
  validation: PathValidation,
  settings: PathSettings,
): void {
  const { status, faults, weaknesses, path } = validation
  if (status !== 'valid' || faults.length + weaknesses.length > 0 || !isInForce(validation, time)) return
  if (!isFirst(leaf, path, settings)) return
  const kept = LAST.get(leaf) ?? new Map<Sound['purpose'], Sound>()
  LAST.set(leaf, kept.set(question.purpose, { ...question, validation }))
}

function isSame(
  last: Sound,
  { anchors, intermediates, embedded }: Omit<Sound, 'validation' | 'purpose'>,
): boolean {
  return (
    last.anchors === anchors &&
    last.intermediates === intermediates &&
    last.embedded.length === embedded.length &&
    last.embedded.every((one, index) => one === embedded[index])
  )
}

const isInForce = ({ path, anchor }: PathValidation, time: Date): boolean =>
  anchor !== undefined && isAnchorTrusted(anchor, time) && path.every((one) => isWithinValidity(one, time))

function isFirst(leaf: Certificate, path: readonly Certificate[], settings: PathSettings): boolean {
  const anchors = settings.anchors.filter(
    ({ purposes }) => settings.purpose === 'any' || purposes.has(settings.purpose),
  )
  const [first] = searchPaths(leaf, settings.material.certificates, anchors, true).paths
  return first?.certificates.length === path.length && first.certificates.every((one, at) => one === path[at])
}
