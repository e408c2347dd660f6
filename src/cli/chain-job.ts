import type { TrustAnchor } from '../signature/trust-store.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { validatePath } from '../signature/x509/path.ts'
import type { PathSettings } from '../signature/x509/path-types.ts'
import { ANY_POLICY } from '../signature/x509/policy-graph.ts'
import { blocksIn, certificatesIn } from './chain-files.ts'
import { type ChainVerdict, told, unreadable } from './chain-report.ts'
import { instant } from './instant.ts'
import type { BatchCommand, Job } from './job.ts'
import { requiredText, text, texts } from './job-fields.ts'
import { UsageError } from './usage-error.ts'

/**
 * One path to judge. Files are named by their path, or given as PEM text. With a CRL or an OCSP response, revocation is
 * required of every certificate below the anchor.
 */
export interface ChainJob {
  readonly anchor: string | readonly string[]
  readonly leaf: string
  readonly untrusted?: string | readonly string[]
  readonly crl?: string | readonly string[]
  readonly ocsp?: string | readonly string[]
  /** ISO 8601; now unless given. */
  readonly time?: string
  /** The initial policies (RFC 5280 §6.1.1 (c)); any unless given. */
  readonly policy?: string | readonly string[]
  readonly requireExplicitPolicy?: boolean
  readonly inhibitPolicyMapping?: boolean
  readonly inhibitAnyPolicy?: boolean
  /** An anchor is its name and key and nothing else; what its certificate says of itself binds no path. */
  readonly plainAnchor?: boolean
  /** Whether a leaf that is an anchor itself is valid; true unless given. */
  readonly anchorAsLeaf?: boolean
  readonly eku?: string | readonly string[]
  readonly maxIntermediates?: number
  /** Whether weak algorithms fail the path. */
  readonly strong?: boolean
  readonly strict?: boolean
}

/** Judges one path. @throws UsageError where a file cannot be read or the time is none */
export async function chain(job: ChainJob): Promise<ChainVerdict> {
  const [leaf] = await certificatesIn([job.leaf], 'leaf')
  const anchors = await certificatesIn(list(job.anchor), 'anchor')
  if (leaf === undefined) return unreadable('leaf')
  if (anchors.length === 0) return unreadable('anchor')
  const crls = (await blocksIn(list(job.crl))).filter(({ label }) => /^$|CRL$/.test(label))
  const ocsps = (await blocksIn(list(job.ocsp))).filter(({ label }) => /^$|^OCSP RESPONSE$/.test(label))
  const material = {
    certificates: await certificatesIn(list(job.untrusted), 'untrusted'),
    crls: crls.map(({ der }) => der),
    ocsps: ocsps.map(({ der }) => der),
  }
  const asked = list(job.crl).length + list(job.ocsp).length > 0
  return told(
    validatePath(leaf, { ...settingsOf(job, anchors), material, revocation: asked ? 'required' : 'none' }),
  )
}

function settingsOf(
  job: ChainJob,
  anchors: readonly Certificate[],
): Omit<PathSettings, 'material' | 'revocation'> {
  const time = job.time === undefined ? new Date() : instant('time', job.time)
  const purposes: TrustAnchor['purposes'] = new Set(['signature', 'timestamp'])
  const initial = list(job.policy)
  return {
    anchors: anchors.map((certificate) => ({ certificate, purposes })),
    time,
    purpose: 'any',
    policies: {
      initial: initial.length === 0 ? [ANY_POLICY] : initial,
      requireExplicit: job.requireExplicitPolicy ?? false,
      inhibitMapping: job.inhibitPolicyMapping ?? false,
      inhibitAny: job.inhibitAnyPolicy ?? false,
    },
    weakAlgorithms: job.strong ? 'fail' : 'report',
    anchorConstraints: job.plainAnchor ? 'ignored' : 'enforced',
    anchorAsLeaf: job.anchorAsLeaf ?? true,
    extendedKeyUsage: list(job.eku),
    ...(job.maxIntermediates !== undefined && { maxIntermediates: job.maxIntermediates }),
    profile: job.strict ? 'strict' : 'tolerant',
  }
}

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

/** Answers jobs whose fields bear the names of the options. */
export const chainJobs = (): BatchCommand => async (job) => chain(readJob(job))

/** @throws UsageError */
export function readJob(job: Job): ChainJob {
  const [time, most] = [text(job, 'time'), job['max-intermediates'] ?? undefined]
  const anchor = texts(job, 'anchor')
  if (anchor.length === 0) throw new UsageError('--anchor is not given')
  if (most !== undefined && !/^\d{1,3}$/.test(String(most))) {
    throw new UsageError('--max-intermediates is no whole number')
  }
  return {
    anchor,
    leaf: requiredText(job, 'leaf'),
    untrusted: texts(job, 'untrusted'),
    crl: texts(job, 'crl'),
    ocsp: texts(job, 'ocsp'),
    ...(time !== undefined && { time }),
    policy: texts(job, 'policy'),
    eku: texts(job, 'eku'),
    ...(most !== undefined && { maxIntermediates: Number(most) }),
    requireExplicitPolicy: job['require-explicit-policy'] === true,
    inhibitPolicyMapping: job['inhibit-policy-mapping'] === true,
    inhibitAnyPolicy: job['inhibit-any-policy'] === true,
    plainAnchor: job['plain-anchor'] === true,
    anchorAsLeaf: job['refuse-anchor-as-leaf'] !== true,
    strong: job.strong === true,
    strict: job.strict === true,
  }
}
