import type { SignatureCheck } from '../../domain/signature-report.ts'
import { failed, notMade, passed } from '../checks.ts'
import type { AnchorPurpose, TrustAnchor, TrustStore } from '../trust-anchor.ts'
import type { Certificate } from './certificate.ts'
import { judgePath, type PathJudgement } from './path-faults.ts'
import { pathRevocation, type RevocationVerdict, type Walk } from './path-revocation.ts'
import { searchPaths } from './path-search.ts'
import type { PathFault, PathSettings, PathValidation } from './path-types.ts'
import type { RevocationAnswer } from './revocation.ts'

/** Paths that are judged before the best of them is taken: a bound for hostile certificate sets. */
const MAX_PATHS = 32
/** Paths to CRL issuers that are validated for one leaf. */
const MAX_CRL_ISSUERS = 32

interface Candidate extends PathJudgement {
  readonly path: readonly Certificate[]
  readonly anchor?: TrustAnchor
  readonly revocation: RevocationVerdict
}

const NOT_LOOKED_AT: RevocationVerdict = { answers: [], faults: [] }

/**
 * Builds and validates a path from `leaf` to an anchor (RFC 5280 §6.1): the first without a fault, or the one with the
 * fewest. Bounded in work, does no I/O, throws nothing for what the bytes hold.
 */
export const validatePath = (leaf: Certificate, settings: PathSettings): PathValidation =>
  validate(leaf, settings, {
    pending: new Set(),
    budget: { left: MAX_CRL_ISSUERS },
    known: new Map(),
    validate,
  })

function validate(leaf: Certificate, settings: PathSettings, walk: Walk): PathValidation {
  const anchors = settings.anchors.filter(
    ({ purposes }) => settings.purpose === 'any' || purposes.has(settings.purpose),
  )
  const { certificates } = settings.material
  const { paths, dead } = searchPaths(leaf, certificates, anchors, settings.anchorAsLeaf ?? true)
  let best: Candidate | undefined
  let count = 0
  for (const { certificates: path, anchor } of paths) {
    const candidate = judge(path, anchor, settings, walk)
    if (best === undefined || faultsOf(candidate).length < faultsOf(best).length) best = candidate
    if (faultsOf(best).length === 0 || ++count >= MAX_PATHS) break
  }
  if (best !== undefined) return conclude(best)
  const alone = judgePath([leaf], undefined, settings)
  const wrong = dead.certificate
  const reason: PathFault = wrong
    ? { check: 'chain', reason: 'issuer-signature', found: wrong.serial, certificate: wrong }
    : { check: 'chain', reason: 'no-path', certificate: leaf }
  const faults = [reason, ...alone.faults]
  return conclude({ ...alone, faults, policies: [], path: [], revocation: NOT_LOOKED_AT })
}

/** Revocation is looked at where nothing else is wrong: it costs most. */
function judge(
  path: readonly Certificate[],
  anchor: TrustAnchor,
  settings: PathSettings,
  walk: Walk,
): Candidate {
  const judgement = judgePath(path, anchor, settings)
  const unsound = judgement.faults.some(({ reason }) => reason !== 'expired' && reason !== 'algorithm-weak')
  const revocation =
    unsound || settings.revocation === 'none' ? NOT_LOOKED_AT : pathRevocation(path, anchor, settings, walk)
  return { ...judgement, path, anchor, revocation }
}

const faultsOf = ({ faults, revocation }: Candidate): readonly PathFault[] => [
  ...faults,
  ...revocation.faults,
]

/** A weak signature may be forged to say that all is well; nobody forges one that revokes. */
function weaknessOf({ status, weak, certificate, source }: RevocationAnswer): PathFault[] {
  if (status !== 'good' || weak !== true) return []
  return [
    { check: 'algorithm-strength', reason: 'algorithm-weak', certificate, found: source!.toUpperCase() },
  ]
}

function conclude(candidate: Candidate): PathValidation {
  const faults = faultsOf(candidate)
  const unsupported = faults.length > 0 && faults.every(({ reason }) => reason === 'key-unsupported')
  return {
    status: faults.length === 0 ? 'valid' : unsupported ? 'unsupported' : 'invalid',
    path: candidate.path,
    ...(candidate.anchor && { anchor: candidate.anchor }),
    faults,
    weaknesses: [...candidate.weaknesses, ...candidate.revocation.answers.flatMap(weaknessOf)],
    revocation: candidate.revocation.answers,
    policies: faults.length === 0 ? candidate.policies : [],
    checks: report(faults, candidate.revocation),
  }
}

const ALWAYS_MADE = ['chain', 'validity-period', 'key-usage', 'certificate-policy'] as const

function report(faults: readonly PathFault[], revocation: RevocationVerdict): SignatureCheck[] {
  const about = (check: PathFault['check']): SignatureCheck[] =>
    faults.filter((one) => one.check === check).map((one) => failed(check, one.reason, one.found))
  const made = ALWAYS_MADE.flatMap((check) => {
    const found = about(check)
    return found.length === 0 ? [passed(check)] : found
  })
  const revoked = about('revocation')
  return [
    ...made,
    ...about('algorithm-strength'),
    ...(revoked.length > 0 ? revoked : [unrevoked(revocation)]),
  ]
}

/** What is said of revocation where nothing is wrong: what is not known has not passed. */
function unrevoked(revocation: RevocationVerdict): SignatureCheck {
  if (revocation === NOT_LOOKED_AT) return notMade('revocation', 'revocation-not-made')
  const known = revocation.answers.every(({ status }) => status !== 'unknown')
  return known ? passed('revocation') : notMade('revocation', 'revocation-unknown')
}

export interface PathResult {
  readonly trusted: boolean
  /** From the signer to the anchor; empty where none was found. */
  readonly path: readonly Certificate[]
  readonly checks: readonly SignatureCheck[]
}

/** A path for `purpose` at `time` without a look at revocation. */
export function checkPath(
  signer: Certificate,
  embedded: readonly Certificate[],
  trust: TrustStore,
  purpose: AnchorPurpose,
  time: Date,
): PathResult {
  const certificates = [...trust.intermediates, ...embedded]
  const material = { certificates, crls: [], ocsps: [] }
  const settings = { anchors: trust.anchors, material, time, purpose, revocation: 'none' } as const
  const { status, path, checks } = validatePath(signer, settings)
  return {
    trusted: status === 'valid',
    path,
    checks: [...checks, notMade('timestamp', 'timestamp-not-made')],
  }
}
