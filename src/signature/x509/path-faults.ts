import type { TrustAnchor } from '../trust-anchor.ts'
import { type Certificate, isSelfIssued } from './certificate.ts'
import { profileFaults } from './certificate-profile.ts'
import { EXTENSION } from './extensions.ts'
import { extendedUsesOf, mayLeadTo, mayServe } from './key-use.ts'
import { nameConstraintFaults } from './name-constraints.ts'
import type { PathFault, PathSettings } from './path-types.ts'
import { ANY_POLICY_WILL_DO, type PolicyResult, processPolicies } from './policy-graph.ts'
import { isSignedBy } from './signed-by.ts'
import { algorithmStrength, keyStrength } from './signed-data.ts'
import { signerName } from './signer-kind.ts'
import { type SubjectKey, workingKeys } from './subject-key.ts'

/** What is said of one path, apart from revocation. */
export interface PathJudgement {
  readonly faults: readonly PathFault[]
  readonly weaknesses: readonly PathFault[]
  readonly policies: readonly string[]
}

export const shownName = (one: Certificate): string => signerName(one.subject) ?? one.serial

/** Judges a path from the leaf to the anchor (RFC 5280 §6.1.3 to §6.1.5). */
export function judgePath(
  path: readonly Certificate[],
  anchor: TrustAnchor | undefined,
  settings: PathSettings,
): PathJudgement {
  const anchorCounts = path.length === 1 || settings.anchorConstraints !== 'ignored'
  const bound = anchorCounts || anchor === undefined ? path : path.slice(0, -1)
  const keys = workingKeys(path)
  const strength = path.flatMap((one, index) => strengthFaults(one, index > 0 && index === path.length - 1))
  const broken = strength.filter(({ broken }) => broken).map(({ fault }) => fault)
  const weaknesses = strength.map(({ fault }) => fault)
  const signatures = path.slice(0, -1).flatMap((one, index) => signatureFaults(one, keys[index + 1]!))
  // Names and policies cost most: only what an issuer has signed may ask for that.
  const signed = signatures.length === 0
  const policies: PolicyResult = signed
    ? processPolicies(path, settings.policies ?? ANY_POLICY_WILL_DO, anchorCounts)
    : { policies: [] }
  const names = signed ? nameConstraintFaults(path, anchorCounts) : []
  const faults = [
    ...(anchor === undefined ? [] : anchorFaults(anchor, settings.time)),
    ...bound.flatMap((one, index) =>
      certificateFaults(one, settings, index > 0 && index === path.length - 1),
    ),
    ...signatures,
    ...bound
      .slice(1)
      .flatMap((one, index) =>
        issuerFaults(one, path.slice(1, index + 1), settings, index + 2 === path.length),
      ),
    ...leafFaults(path, keys[0]!, settings),
    ...names.map(({ certificate, found }) => fault('chain', 'name-constraints', certificate, found)),
    ...(policies.fault
      ? [fault('certificate-policy', 'policy-path', policies.fault.certificate, policies.fault.found)]
      : []),
    ...(settings.weakAlgorithms === 'report' ? broken : weaknesses),
  ]
  return { faults, weaknesses, policies: policies.policies }
}

const fault = (
  check: PathFault['check'],
  reason: PathFault['reason'],
  certificate: Certificate,
  found = shownName(certificate),
): PathFault => ({ check, reason, certificate, found })

/** Whether the operator trusts an anchor at a time. */
export const isAnchorTrusted = ({ trustedFrom, trustedUntil }: TrustAnchor, time: Date): boolean =>
  !(trustedFrom && time < trustedFrom) && !(trustedUntil && time > trustedUntil)

const anchorFaults = (anchor: TrustAnchor, time: Date): PathFault[] =>
  isAnchorTrusted(anchor, time) ? [] : [fault('chain', 'anchor-not-trusted', anchor.certificate)]

/** Validity periods are in whole seconds. */
export function isWithinValidity({ notBefore, notAfter }: Certificate, time: Date): boolean {
  const seconds = Math.floor(time.getTime() / 1000) * 1000
  return seconds >= notBefore.getTime() && seconds <= notAfter.getTime()
}

/** What is asked of every certificate. */
function certificateFaults(one: Certificate, settings: PathSettings, isAnchor: boolean): PathFault[] {
  const faults: PathFault[] = []
  if (!isWithinValidity(one, settings.time)) {
    const period = `${one.notBefore.toISOString()} – ${one.notAfter.toISOString()}`
    faults.push(fault('validity-period', 'expired', one, `${shownName(one)}, ${period}`))
  }
  const { policies } = one.extensions
  const qualifier = policies?.unknownQualifier && one.criticalExtensions.includes(EXTENSION.policies)
  for (const oid of [...one.unreadCritical, ...(qualifier ? [EXTENSION.policies] : [])]) {
    faults.push(fault('chain', 'critical-extension', one, oid))
  }
  for (const what of [...one.malformed, ...profileFaults(one, settings.profile ?? 'tolerant', isAnchor)]) {
    faults.push(fault('chain', 'certificate-malformed', one, `${shownName(one)}, ${what}`))
  }
  return faults
}

/** The signature of one certificate under the key above it. */
function signatureFaults(one: Certificate, key: SubjectKey): PathFault[] {
  const fit = isSignedBy(one, key)
  if (fit === 'fits') return []
  return [fault('chain', fit === 'wrong' ? 'issuer-signature' : 'key-unsupported', one)]
}

/**
 * Whether an anchor without basicConstraints may issue: RFC 5280 §6.1.4 (k) speaks of intermediates, and an anchor is
 * what an operator chose. One that says what else it is for (a signer's, a server's) was not chosen for that.
 */
function isPlainAnchor({ extensions, keyUsage }: Certificate, { profile }: PathSettings): boolean {
  if (profile === 'strict' || extensions.basicConstraints !== undefined) return false
  if (extensions.extendedKeyUsage !== undefined) return false
  return keyUsage?.has('keyCertSign') ?? extensions.subjectAltNames === undefined
}

/** `below` are the intermediates between this issuer and the leaf; self-issued ones do not count (RFC 5280 §6.1.4 (l)). */
function issuerFaults(
  issuer: Certificate,
  below: readonly Certificate[],
  settings: PathSettings,
  isAnchor: boolean,
): PathFault[] {
  const faults: PathFault[] = []
  if (!issuer.isCa && !(isAnchor && isPlainAnchor(issuer, settings))) {
    faults.push(fault('chain', 'not-a-ca', issuer))
  }
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('keyCertSign')) {
    faults.push(fault('key-usage', 'key-usage', issuer))
  }
  const counted = below.filter((one) => !isSelfIssued(one)).length
  if (issuer.pathLength !== undefined && counted > issuer.pathLength) {
    faults.push(fault('chain', 'path-too-long', issuer))
  }
  const wanted = wantedUses(settings)
  if (wanted !== undefined && !wanted.every((uses) => mayLeadTo(issuer, uses))) {
    faults.push(fault('key-usage', 'key-usage', issuer))
  }
  return faults
}

/** Lists of extended key usages, of each of which one must be allowed; undefined where nothing is asked. */
function wantedUses({ purpose, extendedKeyUsage }: PathSettings): (readonly string[])[] | undefined {
  const wanted = [
    ...(purpose === 'any' ? [] : [extendedUsesOf(purpose)]),
    ...(extendedKeyUsage === undefined || extendedKeyUsage.length === 0 ? [] : [extendedKeyUsage]),
  ]
  return wanted.length === 0 ? undefined : wanted
}

function leafFaults(path: readonly Certificate[], key: SubjectKey, settings: PathSettings): PathFault[] {
  const leaf = path[0]!
  const faults: PathFault[] = []
  const { purpose, extendedKeyUsage = [], maxIntermediates } = settings
  const serves = purpose === 'any' || mayServe(leaf, purpose)
  if (!serves || (extendedKeyUsage.length > 0 && !mayLeadTo(leaf, extendedKeyUsage))) {
    faults.push(fault('key-usage', 'key-usage', leaf))
  }
  if (leaf.extensions.nameConstraints !== undefined && !leaf.isCa) {
    faults.push(
      fault('chain', 'certificate-malformed', leaf, `${shownName(leaf)}, nameConstraints without CA`),
    )
  }
  const intermediates = path.slice(1, -1).filter((one) => !isSelfIssued(one)).length
  if (maxIntermediates !== undefined && intermediates > maxIntermediates) {
    faults.push(fault('chain', 'path-too-long', leaf))
  }
  if (key.key === undefined) {
    faults.push(fault('chain', 'key-unsupported', leaf))
  }
  return faults
}

interface StrengthFault {
  readonly fault: PathFault
  readonly broken: boolean
}

/** An anchor is trusted by itself: the signature on it is nobody's proof. */
function strengthFaults(one: Certificate, isAnchor: boolean): StrengthFault[] {
  const strengths = [keyStrength(one.key), ...(isAnchor ? [] : [algorithmStrength(one.signedWith)])]
  if (strengths.every((each) => each === 'strong')) return []
  return [{ fault: fault('algorithm-strength', 'algorithm-weak', one), broken: strengths.includes('broken') }]
}
