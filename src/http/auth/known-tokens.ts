import { decodeJwt } from 'jose'
import type { Role } from '../../domain/caller.ts'
import { type AccessGrant, readAccessToken } from './access-token.ts'
import type { TokenKey } from './token-key.ts'

const MOST_TOKENS = 10_000

/**
 * `readAccessToken` of one door, that verifies the signature of each token once: what a token says does not change, and
 * its end is looked at each time. Whether its client is still active is for the caller to ask. Only what was good is
 * remembered.
 */
export function knownTokens(
  key: TokenKey,
  issuer: string,
  role: Role,
): (token: string, now: Date) => Promise<AccessGrant> {
  const known = new Map<string, { readonly grant: AccessGrant; readonly endsAt: number }>()
  return async (token, now) => {
    const earlier = known.get(token)
    if (earlier !== undefined && now.getTime() < earlier.endsAt) return earlier.grant
    known.delete(token)
    const grant = await readAccessToken(key, issuer, role, token, now)
    if (known.size >= MOST_TOKENS) known.clear()
    known.set(token, { grant, endsAt: (decodeJwt(token).exp ?? 0) * 1000 })
    return grant
  }
}
