import { checkToken } from '../signature/timestamp/token.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import { trustedPath } from './collect-material.ts'

/** The authority's clock and the database's may differ by this: half of it would be noticed by everybody. */
const MOST_APART_MS = 5 * 60_000

/**
 * Why a token that answers our request is not worth keeping: its signature, its strength, an authority that is not
 * trusted for timestamps, a clock that is wrong. Undefined where it is good.
 * @param now by the database's clock
 */
export function tokenObjection(
  token: Uint8Array,
  imprint: Uint8Array,
  trust: TrustStore,
  now: Date,
): string | undefined {
  const checked = checkToken(token, 'signature', (hash) => (hash === 'sha256' ? imprint : null))
  const { tsa, genTime, material } = checked
  if (!checked.intact || tsa === undefined || genTime === undefined)
    return 'the signature of the token does not fit'
  if (checked.imprintMatch !== true) return 'the token is over something else'
  if (!checked.strong) return 'an algorithm of the token is weak'
  if (Math.abs(genTime.getTime() - now.getTime()) > MOST_APART_MS)
    return `its clock says ${genTime.toISOString()}, ours ${now.toISOString()}`
  const { status } = trustedPath({
    certificate: tsa,
    purpose: 'timestamp',
    known: material,
    trust,
    time: genTime,
  })
  return status === 'valid' ? undefined : 'the authority is not trusted for timestamps'
}
