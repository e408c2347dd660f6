import type { SignatureCheck } from '../../domain/signature-report.ts'
import { HASHES, isStrongKey, OID_SIGNATURES } from '../algorithms.ts'
import { type CheckId, failed, notMade, passed } from '../checks.ts'
import type { ReasonId } from '../reasons.ts'
import { type AnchorPurpose, anchorsFor, type TrustStore } from '../trust-store.ts'
import type { Certificate, KeyUsage } from './certificate.ts'
import { signerName } from './signer-kind.ts'

/** Certificates in a path, and signatures verified in search of one: bounds for hostile certificate sets. */
const MAX_PATH = 8
const MAX_VERIFICATIONS = 64

export interface PathResult {
  readonly trusted: boolean
  /** From the signer to the anchor; empty where none was found. */
  readonly path: readonly Certificate[]
  readonly checks: readonly SignatureCheck[]
}

interface PathFault {
  readonly check: CheckId
  readonly reason: ReasonId
  readonly found?: string
}

interface Use {
  readonly key: readonly KeyUsage[]
  readonly extended: ReadonlySet<string>
  /** Whether a certificate without an extended key usage is refused. */
  readonly extendedRequired: boolean
}

/**
 * What a signer's keyUsage must allow, if it is there (RFC 5280 §4.2.1.3), and its extended key usage likewise
 * (§4.2.1.12): a certificate for TLS, OCSP or timestamps makes no seal, whatever name it bears.
 */
const USES: Record<AnchorPurpose, Use> = {
  signature: {
    key: ['digitalSignature', 'nonRepudiation'],
    extended: new Set([
      '2.5.29.37.0', // anyExtendedKeyUsage
      '1.3.6.1.5.5.7.3.4', // id-kp-emailProtection
      '1.3.6.1.5.5.7.3.36', // id-kp-documentSigning (RFC 9336)
      '1.3.6.1.4.1.311.10.3.12', // Microsoft document signing
      '1.2.840.113583.1.1.5', // Adobe authentic documents trust
    ]),
    extendedRequired: false,
  },
  timestamp: {
    key: ['digitalSignature', 'nonRepudiation'],
    extended: new Set(['1.3.6.1.5.5.7.3.8']), // id-kp-timeStamping (RFC 3161 §2.3)
    extendedRequired: true,
  },
}

/**
 * Looks for a path from `signer` to an anchor of the trust store (RFC 5280 §6.1 without policies, name constraints
 * and revocation: a critical extension that is not read here fails the path). Every certificate but the anchor's own
 * self-signature is checked: signature, validity period at `time`, basicConstraints, keyUsage, strength.
 */
export function checkPath(
  signer: Certificate,
  embedded: readonly Certificate[],
  trust: TrustStore,
  purpose: AnchorPurpose,
  time: Date,
): PathResult {
  let best: { path: Certificate[]; faults: PathFault[] } | undefined
  for (const path of pathsFrom(signer, embedded, trust, purpose)) {
    const faults = faultsOf(path, purpose, time)
    if (best === undefined || faults.length < best.faults.length) best = { path, faults }
    if (faults.length === 0) break
  }
  const faults = best?.faults ?? [
    { check: 'chain', reason: 'no-path' } as const,
    ...faultsOf([signer], purpose, time),
  ]
  return { trusted: faults.length === 0, path: best?.path ?? [], checks: report(faults) }
}

const MADE = ['chain', 'validity-period', 'key-usage'] as const

function report(faults: readonly PathFault[]): SignatureCheck[] {
  const made = MADE.flatMap((check) => {
    const mine = faults.filter((fault) => fault.check === check)
    return mine.length === 0 ? [passed(check)] : mine.map((one) => failed(check, one.reason, one.found))
  })
  const strength = faults.filter(({ check }) => check === 'algorithm-strength')
  return [
    ...made,
    ...strength.map((one) => failed(one.check, one.reason, one.found)),
    notMade('revocation', 'revocation-not-made'),
    notMade('timestamp', 'timestamp-not-made'),
    notMade('certificate-policy', 'policy-not-made'),
  ]
}

function* pathsFrom(
  signer: Certificate,
  embedded: readonly Certificate[],
  trust: TrustStore,
  purpose: AnchorPurpose,
): Generator<Certificate[]> {
  const anchors = anchorsFor(trust, purpose)
  const isAnchor = (one: Certificate) => anchors.some((anchor) => anchor.sha256 === one.sha256)
  const pool = [...anchors, ...trust.intermediates, ...embedded]
  let verifications = 0
  const open: Certificate[][] = [[signer]]
  while (open.length > 0) {
    const path = open.pop()!
    const last = path[path.length - 1]!
    if (isAnchor(last)) {
      yield path
      continue
    }
    if (path.length >= MAX_PATH) continue
    const seen = new Set(path.map((one) => one.sha256))
    const issuers: Certificate[] = []
    for (const issuer of pool) {
      if (issuer.subjectDer !== last.issuerDer || seen.has(issuer.sha256)) continue
      if (++verifications > MAX_VERIFICATIONS) return
      seen.add(issuer.sha256)
      if (last.x509.verify(issuer.publicKey)) issuers.push(issuer)
    }
    // The last one pushed is tried first: anchors stand first in the pool.
    for (const issuer of issuers.reverse()) open.push([...path, issuer])
  }
}

function faultsOf(path: readonly Certificate[], purpose: AnchorPurpose, time: Date): PathFault[] {
  return path.flatMap((one, index) => [
    ...commonFaults(one, time),
    ...(index < path.length - 1 || path.length === 1 ? strengthFaults(one) : []),
    ...(index === 0 ? signerFaults(one, purpose) : issuerFaults(one, path.slice(1, index))),
  ])
}

function commonFaults(one: Certificate, time: Date): PathFault[] {
  const faults: PathFault[] = []
  if (time < one.notBefore || time > one.notAfter) {
    const found = `${signerName(one.subject) ?? one.serial}, ${one.notBefore.toISOString()} – ${one.notAfter.toISOString()}`
    faults.push({ check: 'validity-period', reason: 'expired', found })
  }
  for (const found of one.unreadCritical) faults.push({ check: 'chain', reason: 'critical-extension', found })
  return faults
}

function strengthFaults(one: Certificate): PathFault[] {
  const algorithm = OID_SIGNATURES[one.signatureOid]
  const weakHash = algorithm?.hash != null && HASHES[algorithm.hash].weak
  if (!weakHash && isStrongKey(one.publicKey)) return []
  return [
    { check: 'algorithm-strength', reason: 'algorithm-weak', found: signerName(one.subject) ?? one.serial },
  ]
}

function signerFaults(signer: Certificate, purpose: AnchorPurpose): PathFault[] {
  const use = USES[purpose]
  const keyAllows = signer.keyUsage === undefined || use.key.some((bit) => signer.keyUsage!.has(bit))
  const extendedAllows =
    signer.extendedKeyUsage?.some((oid) => use.extended.has(oid)) ?? !use.extendedRequired
  return keyAllows && extendedAllows ? [] : [{ check: 'key-usage', reason: 'key-usage' }]
}

/** `below` are the certificates between this issuer and the signer; self-issued ones do not count (RFC 5280 §6.1.4 l). */
function issuerFaults(issuer: Certificate, below: readonly Certificate[]): PathFault[] {
  const found = signerName(issuer.subject) ?? issuer.serial
  const faults: PathFault[] = []
  if (!issuer.isCa) faults.push({ check: 'chain', reason: 'not-a-ca', found })
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('keyCertSign')) {
    faults.push({ check: 'key-usage', reason: 'key-usage', found })
  }
  const counted = below.filter((one) => one.subjectDer !== one.issuerDer).length
  if (issuer.pathLength !== undefined && counted > issuer.pathLength) {
    faults.push({ check: 'chain', reason: 'path-too-long', found })
  }
  return faults
}
