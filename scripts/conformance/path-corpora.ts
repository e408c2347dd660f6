import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainJob, type ChainVerdict, chain } from '../../src/cli/chain.ts'
import { type Case, type Corpus, type Fact, fact, type Outcome, type Verdict } from './judged.ts'

/** The outcome where one word of each side says that all is well. */
export function outcome(expected: string, answered: string, good: string): Outcome {
  if (answered === 'unsupported') return 'unsupported'
  if (expected === answered) return 'agree'
  if (answered === good) return 'false-accept'
  return expected === good ? 'false-reject' : 'differ'
}

function verdict(one: Case, found: ChainVerdict, facts: readonly Fact[] = []): Verdict {
  const expected = one.expect.verdict
  return {
    expected,
    answered: found.verdict,
    outcome: outcome(expected, found.verdict, 'valid'),
    why: whyOf(found),
    facts,
  }
}

export const whyOf = ({ reasons, revocation }: ChainVerdict): string => {
  const unknown = revocation.filter(({ status }) => status === 'unknown').map(({ why }) => why ?? 'unknown')
  return [
    ...new Set([
      ...reasons.map(({ reason, found }) => [reason, found].filter(Boolean).join(' ')),
      ...unknown,
    ]),
  ]
    .slice(0, 4)
    .join('; ')
}

const ANY_POLICY = '2.5.29.32.0'
const testPolicy = (name: string): string =>
  name === 'anyPolicy' ? ANY_POLICY : `2.16.840.1.101.3.2.1.48.${name.replace('NIST-test-policy-', '')}`
const policiesOf = (list: string | undefined): string[] =>
  (list ?? '').split(',').filter(Boolean).map(testPolicy)

interface PkitsCase extends Case {
  readonly trustAnchor: string
  /** From the root to the leaf. */
  readonly chain: readonly string[]
  readonly crls: readonly string[]
  readonly policy?: Readonly<Record<string, string>>
  readonly params?: {
    readonly user_initial_policy_set?: readonly string[]
    readonly initial_explicit_policy?: boolean
    readonly initial_policy_mapping_inhibit?: boolean
    readonly initial_any_policy_inhibit?: boolean
  } | null
  readonly revocationChecked?: boolean
}

function pkitsJob(one: PkitsCase, folder: string): ChainJob {
  const { policy = {}, params, chain: certificates } = one
  const path = (file: string) => join(folder, file)
  return {
    anchor: path(one.trustAnchor),
    leaf: path(certificates.at(-1)!),
    untrusted: certificates.slice(0, -1).map(path),
    crl: one.revocationChecked === false ? [] : one.crls.map(path),
    time: '2015-06-01T00:00:00Z',
    policy: [...policiesOf(policy.InitialPolicySet), ...(params?.user_initial_policy_set ?? [])],
    requireExplicitPolicy:
      policy.InitialExplicitPolicy === 'true' || params?.initial_explicit_policy === true,
    inhibitPolicyMapping:
      policy.InitialPolicyMappingInhibit === 'true' || params?.initial_policy_mapping_inhibit === true,
    inhibitAnyPolicy:
      policy.InitialInhibitAnyPolicy === 'true' || params?.initial_any_policy_inhibit === true,
  }
}

export const x509Pkits: Corpus<PkitsCase> = {
  name: 'x509-pkits',
  judge: async (one, folder) => {
    const found = await chain(pkitsJob(one, folder))
    const wanted = one.policy?.UserConstrainedPolicySet
    const told = wanted === undefined || found.verdict !== 'valid'
    const set = (policies: readonly string[]) => [...policies].sort().join(' ')
    return verdict(one, found, told ? [] : [fact('policies', set(policiesOf(wanted)), set(found.policies))])
  },
}

interface BsslCase extends Case {
  readonly chain: string
  readonly trust: string
  readonly utcTime: string
  readonly keyPurpose: string
  readonly digestPolicy: string | null
}

/** Extended key usages by the names of the corpus. */
const PURPOSES: Readonly<Record<string, readonly string[]>> = {
  ANY_EKU: [],
  SERVER_AUTH: ['1.3.6.1.5.5.7.3.1'],
  CLIENT_AUTH: ['1.3.6.1.5.5.7.3.2'],
  C2PA_TIMESTAMPING: ['1.3.6.1.5.5.7.3.8'],
}

const purposeOf = (name: string): string => name.replace(/_STRICT.*$/, '')

/** YYMMDDhhmmssZ; the default is the one of the tests that these files were written for. */
const utcTime = (text: string): string => {
  const [year, month, day, hour, minute, second] = (text === 'DEFAULT' ? '211005120000Z' : text).match(
    /\d\d/g,
  )!
  return `20${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Rules of browsers that no option here stands for. */
function bsslLeftOut({ trust, keyPurpose }: BsslCase): string | undefined {
  if (!trust.startsWith('TRUSTED_ANCHOR')) return 'trusts the leaf itself, or nobody'
  if (/STRICT/.test(keyPurpose)) return "asks for a browser's strict reading of extended key usages"
  return PURPOSES[purposeOf(keyPurpose)] === undefined ? `asks for the purpose ${keyPurpose}` : undefined
}

export const x509BsslChains: Corpus<BsslCase> = {
  name: 'x509-bssl-chains',
  leftOut: bsslLeftOut,
  judge: async (one, folder) => {
    const blocks = (await readFile(join(folder, one.chain), 'utf8')).match(BLOCK) ?? []
    const found = await chain({
      leaf: blocks[0]!,
      anchor: blocks.at(-1)!,
      untrusted: blocks.slice(1, -1),
      time: utcTime(one.utcTime),
      eku: PURPOSES[purposeOf(one.keyPurpose)]!,
      plainAnchor: !one.trust.includes('WITH_CONSTRAINTS'),
      anchorAsLeaf: one.trust === 'TRUSTED_ANCHOR_OR_LEAF',
      strong: one.digestPolicy === 'STRONG',
    })
    return verdict(one, found)
  },
}

interface LimboCase extends Case {
  readonly validation_time: string | null
  readonly extended_key_usage: readonly string[]
  readonly max_chain_depth: number | null
  readonly trusted_certs: readonly string[]
  readonly untrusted_intermediates: readonly string[]
  readonly peer_certificate: string
  readonly crls: readonly string[]
}

const EKU: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
}

const SERVER_NAMES = /\/(?:webpki|online)::|::san::|-san$/

export const x509Limbo: Corpus<LimboCase> = {
  name: 'x509-limbo',
  leftOut: ({ id }) => (SERVER_NAMES.test(id) ? 'concerns names of TLS servers and the web PKI' : undefined),
  judge: async (one) => {
    const found = await chain({
      leaf: one.peer_certificate,
      anchor: one.trusted_certs,
      untrusted: one.untrusted_intermediates,
      crl: one.crls,
      ...(one.validation_time === null ? {} : { time: one.validation_time }),
      eku: one.extended_key_usage.map((name) => EKU[name] ?? name),
      ...(one.max_chain_depth === null ? {} : { maxIntermediates: one.max_chain_depth }),
      strict: true,
    })
    return verdict(one, found)
  },
}
