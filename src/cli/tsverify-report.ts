import { createHash } from 'node:crypto'
import type { HashName } from '../signature/algorithms.ts'
import { type ByteSource, chunksOf } from '../signature/byte-source.ts'
import type { CheckedTimestamp } from '../signature/timestamp/checked-timestamp.ts'
import { checkToken, openToken, tokenImprint } from '../signature/timestamp/token.ts'

/** What `tram tsverify` prints of one timestamp token, as one line of JSON. Null where it is not known. */
export interface TimestampReport {
  /** valid: intact, and over the data where they are given; unsupported: with means that are not carried out here. */
  readonly verdict: 'valid' | 'invalid' | 'unsupported'
  /** ISO 8601 in UTC, with the fraction of the second as the token has it. */
  readonly genTime: string | null
  /** Null where no data are given. */
  readonly imprintMatch: boolean | null
  readonly imprintAlg: string | null
  /** Hex. */
  readonly imprint: string | null
  /** Whether the TSA's signature fits and names its certificate. */
  readonly intact: boolean
  readonly policy: string | null
  /** Decimal. */
  readonly serial: string | null
  /** SHA-256 of the TSA's certificate, hex. */
  readonly tsaCert: string | null
  readonly digest: string | null
  readonly sigAlg: string | null
  /** Whether an algorithm or a key is below today's strength. */
  readonly weak: boolean
  readonly reason: { readonly vi: string; readonly en: string } | null
}

/**
 * Checks an RFC 3161 token, bare or inside a TimeStampResp, against the data that it should stand over. Trust in the
 * TSA is not asked for. Data are read once, window by window.
 * @throws only what `data.read` throws
 */
export async function tsverify(token: Uint8Array, data?: ByteSource): Promise<TimestampReport> {
  const imprint = tokenImprint(token)
  const digest = data && imprint && (await digestOf(data, imprint.hash))
  const checked = checkToken(token, 'document', (hash) =>
    digest !== undefined && hash === imprint?.hash ? digest : null,
  )
  const failure = checked.checks.find(({ outcome }) => outcome === 'failed')
  const verdict = verdictOf(checked)
  return {
    verdict,
    genTime: genTimeOf(token, checked),
    imprintMatch: checked.imprintMatch,
    imprintAlg: checked.imprintAlgorithm ?? null,
    imprint: imprint?.digest.toString('hex') ?? null,
    intact: checked.intact,
    policy: checked.policyOid ?? null,
    serial: checked.serial ?? null,
    tsaCert: checked.tsa?.sha256 ?? null,
    digest: checked.digestAlgorithm ?? null,
    sigAlg: checked.signatureAlgorithm ?? null,
    weak: !checked.strong,
    reason: verdict === 'valid' ? null : (failure?.reason ?? null),
  }
}

async function digestOf(data: ByteSource, hash: HashName): Promise<Buffer> {
  const hasher = createHash(hash)
  for await (const chunk of chunksOf(data)) hasher.update(chunk)
  return hasher.digest()
}

/** Reasons that say what is not carried out here, not that something is wrong. */
const UNSUPPORTED = new Set(['algorithm-refused', 'certificate-missing', 'certificate-unusable'])

function verdictOf({ intact, imprintMatch, checks }: CheckedTimestamp): TimestampReport['verdict'] {
  if (imprintMatch === false) return 'invalid'
  const unsupported = checks.some(({ outcome, code }) => outcome === 'failed' && UNSUPPORTED.has(code ?? ''))
  if (unsupported) return 'unsupported'
  return intact ? 'valid' : 'invalid'
}

/** A token may tell the time more finely than a Date. */
function genTimeOf(token: Uint8Array, { genTime }: CheckedTimestamp): string | null {
  if (genTime === undefined) return null
  const { fraction } = openToken(token).info
  const seconds = genTime.toISOString().slice(0, 19)
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`
}
