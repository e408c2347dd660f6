import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { TrustAnchor } from '../signature/trust-store.ts'
import { type Certificate, parseCertificates } from '../signature/x509/certificate.ts'
import { validatePath } from '../signature/x509/path.ts'
import type { PathSettings, PathValidation } from '../signature/x509/path-types.ts'
import { isCertificateBlock, type PemBlock, pemBlocks } from '../signature/x509/pem.ts'
import { ANY_POLICY } from '../signature/x509/policy-graph.ts'
import { required } from './arguments.ts'
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

export interface ChainVerdict {
  readonly verdict: 'valid' | 'invalid' | 'unsupported'
  readonly reason: string | null
  readonly reasons: readonly { reason: string; found?: string }[]
  readonly weaknesses: readonly string[]
  readonly path: readonly { subject: string; sha256: string }[]
  readonly revocation: readonly {
    subject: string
    status: string
    source: string | null
    why: string | null
    revokedAt: string | null
  }[]
  readonly policies: readonly string[]
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
  const time = job.time === undefined ? new Date() : new Date(job.time)
  if (Number.isNaN(time.getTime())) throw new UsageError(`--time: ${job.time} is no time (ISO 8601)`)
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

const unreadable = (what: string): ChainVerdict => ({
  verdict: 'invalid',
  reason: 'certificate-unusable',
  reasons: [{ reason: 'certificate-unusable', found: what }],
  weaknesses: [],
  path: [],
  revocation: [],
  policies: [],
})

function told(found: PathValidation): ChainVerdict {
  const reasons = found.faults.map(({ reason, found: what }) => ({
    reason,
    ...(what !== undefined && { found: what }),
  }))
  return {
    verdict: found.status,
    reason: reasons[0]?.reason ?? null,
    reasons,
    weaknesses: found.weaknesses.map(({ certificate, reason }) =>
      certificate ? subjectOf(certificate) : reason,
    ),
    path: found.path.map((one) => ({ subject: subjectOf(one), sha256: one.sha256 })),
    revocation: found.revocation.map(({ certificate, status, source, why, revokedAt }) => ({
      subject: subjectOf(certificate),
      status,
      source: source ?? null,
      why: why ?? null,
      revokedAt: revokedAt?.toISOString() ?? null,
    })),
    policies: found.policies,
  }
}

const subjectOf = ({ subject, serial }: Certificate): string =>
  subject.map(({ value }) => value).join(', ') || serial

/**
 * The certificates of PEM or DER files. Of a file that tells `CA CERTIFICATE` from `CERTIFICATE`, a leaf is the latter
 * and an anchor the former. What cannot be read is left out.
 */
async function certificatesIn(
  files: readonly string[],
  role: 'leaf' | 'anchor' | 'untrusted',
): Promise<Certificate[]> {
  const found: Certificate[] = []
  for (const file of files) {
    const blocks = (await blocksIn([file])).filter((one) => one.label === '' || isCertificateBlock(one))
    const [authorities, others] = [blocks.filter(isAuthority), blocks.filter((one) => !isAuthority(one))]
    const mixed = authorities.length > 0 && others.length > 0
    const mine = mixed && role !== 'untrusted' ? (role === 'leaf' ? others : authorities) : blocks
    found.push(...parseCertificates(mine.map(({ der }) => der)))
  }
  return found
}

const isAuthority = ({ label }: PemBlock): boolean => label.startsWith('CA ')

/** PEM blocks; DER and bare base64 are one block without a label. */
async function blocksIn(files: readonly string[]): Promise<PemBlock[]> {
  const found: PemBlock[] = []
  for (const file of files) {
    const bytes = file.startsWith('-----BEGIN ') ? Buffer.from(file) : await read(file)
    const text = bytes.subarray(0, 64).toString('latin1')
    if (/^MI[A-Za-z0-9+/\s]/.test(text))
      found.push({ label: '', der: Buffer.from(bytes.toString('latin1'), 'base64') })
    else if (bytes[0] === 0x30) found.push({ label: '', der: bytes })
    else found.push(...pemBlocks(bytes))
  }
  return found
}

async function read(file: string): Promise<Buffer> {
  return await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file}: ${error.code ?? error.message}`)
  })
}

const many = { type: 'string', multiple: true } as const
const flag = { type: 'boolean', default: false } as const

/** `tram chain`: one JSON line. @returns the exit code: 0 only where the path is valid */
export async function chainCommand(
  args: string[],
  out: (line: string) => void = console.log,
): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      anchor: many,
      leaf: { type: 'string' },
      untrusted: many,
      crl: many,
      ocsp: many,
      time: { type: 'string' },
      policy: many,
      eku: many,
      'max-intermediates': { type: 'string' },
      'require-explicit-policy': flag,
      'inhibit-policy-mapping': flag,
      'inhibit-any-policy': flag,
      'plain-anchor': flag,
      strong: flag,
      strict: flag,
      json: flag,
    },
  })
  const most = values['max-intermediates']
  const verdict = await chain({
    anchor: values.anchor ?? [required('anchor', undefined)],
    leaf: required('leaf', values.leaf),
    untrusted: values.untrusted ?? [],
    crl: values.crl ?? [],
    ocsp: values.ocsp ?? [],
    ...(values.time !== undefined && { time: values.time }),
    policy: values.policy ?? [],
    eku: values.eku ?? [],
    ...(most !== undefined && { maxIntermediates: Number(most) }),
    requireExplicitPolicy: values['require-explicit-policy'],
    inhibitPolicyMapping: values['inhibit-policy-mapping'],
    inhibitAnyPolicy: values['inhibit-any-policy'],
    plainAnchor: values['plain-anchor'],
    strong: values.strong,
    strict: values.strict,
  })
  out(JSON.stringify(verdict))
  return verdict.verdict === 'valid' ? 0 : 1
}
