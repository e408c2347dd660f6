import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { PublicJwk } from '../db/clients.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'

/** Signature algorithms that client assertions may use (RFC 7518, RFC 8037). */
export const CLIENT_KEY_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const

const MOST_KEYS = 10
const LEAST_RSA_BITS = 2048

/** Members of a JWK that hold private or symmetric key material (RFC 7518 §6.2.2, §6.3.2, §6.4). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

interface KeyKind {
  /** Members that make the key, in the order of their names (RFC 7638 §3.2). */
  readonly members: readonly string[]
  readonly algorithms: readonly string[]
  readonly isStrong: (key: KeyObject) => boolean
}

const KEY_KINDS: Readonly<Record<string, KeyKind>> = {
  EC: {
    members: ['crv', 'kty', 'x', 'y'],
    algorithms: ['ES256'],
    isStrong: (key) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
  },
  RSA: {
    members: ['e', 'kty', 'n'],
    algorithms: ['RS256', 'PS256'],
    isStrong: (key) => (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS,
  },
  OKP: {
    members: ['crv', 'kty', 'x'],
    algorithms: ['EdDSA'],
    isStrong: (key) => key.asymmetricKeyType === 'ed25519',
  },
}

/**
 * The keys of a JWK Set as they are kept: the members that make the key, and `kid` (the thumbprint of RFC 7638 where
 * none is given), `alg` where one is named, `use`.
 * @throws GatewayError `request-invalid` with everything that is wrong; values are never repeated
 */
export function publicKeys(jwks: unknown): PublicJwk[] {
  const keys = isRecord(jwks) ? jwks.keys : undefined
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) {
    throw new GatewayError('request-invalid', { faults: [fault('jwks-shape', '#/keys')] })
  }
  const faults: Fault[] = []
  const kept = keys.map((key: unknown, index) => {
    const code = isRecord(key) ? keyFault(key) : 'jwks-shape'
    if (code !== undefined) faults.push(fault(code, `#/keys/${index}`))
    return isRecord(key) && code === undefined ? publicPart(key) : {}
  })
  if (new Set(kept.map((key) => key.kid)).size < kept.length && faults.length === 0) {
    faults.push(fault('key-id-repeated', '#/keys'))
  }
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
  return kept
}

function keyFault(key: Record<string, unknown>): KeyFault | undefined {
  if (PRIVATE_MEMBERS.some((member) => member in key)) return 'key-private'
  const kind = kindOf(key)
  if (kind === undefined) return 'key-kind-unsupported'
  if (key.alg !== undefined && !kind.algorithms.includes(String(key.alg))) return 'key-kind-unsupported'
  if (key.kid !== undefined && (typeof key.kid !== 'string' || key.kid === '')) return 'key-unreadable'
  try {
    return kind.isStrong(createPublicKey({ key: memberOnly(key, kind), format: 'jwk' }))
      ? undefined
      : 'key-weak'
  } catch {
    return 'key-unreadable'
  }
}

const kindOf = ({ kty }: Record<string, unknown>): KeyKind | undefined =>
  typeof kty === 'string' && Object.hasOwn(KEY_KINDS, kty) ? KEY_KINDS[kty] : undefined

const memberOnly = (key: Record<string, unknown>, kind: KeyKind): JsonWebKey =>
  Object.fromEntries(kind.members.map((member) => [member, key[member]]))

function publicPart(key: Record<string, unknown>): PublicJwk {
  const kind = kindOf(key)
  const members = kind === undefined ? {} : memberOnly(key, kind)
  const thumbprint = createHash('sha256').update(JSON.stringify(members)).digest('base64url')
  return {
    ...members,
    kid: key.kid ?? thumbprint,
    use: 'sig',
    ...(key.alg === undefined ? {} : { alg: key.alg }),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const KEY_FAULTS = {
  'jwks-shape': {
    vi: `Cần một JWK Set có từ 1 đến ${MOST_KEYS} khóa (RFC 7517).`,
    en: `A JWK Set of 1 to ${MOST_KEYS} keys is needed (RFC 7517).`,
  },
  'key-private': {
    vi: 'Khóa chứa phần bí mật. Chỉ gửi khóa công khai; hãy hủy khóa này và tạo khóa mới.',
    en: 'The key holds its private part. Send public keys only; discard this one and make another.',
  },
  'key-kind-unsupported': {
    vi: 'Chỉ nhận khóa EC P-256 (ES256), RSA (RS256, PS256) và Ed25519 (EdDSA).',
    en: 'Only EC P-256 (ES256), RSA (RS256, PS256) and Ed25519 (EdDSA) keys are taken.',
  },
  'key-weak': {
    vi: `Khóa không đủ mạnh: RSA từ ${LEAST_RSA_BITS} bit, đường cong P-256 hoặc Ed25519.`,
    en: `The key is not strong enough: RSA of ${LEAST_RSA_BITS} bits or more, curve P-256, or Ed25519.`,
  },
  'key-unreadable': { vi: 'Không đọc được khóa.', en: 'The key cannot be read.' },
  'key-id-repeated': { vi: 'Mỗi khóa cần một kid riêng.', en: 'Each key needs a kid of its own.' },
} as const

type KeyFault = keyof typeof KEY_FAULTS

const fault = (code: KeyFault, path: string): Fault => ({
  code,
  severity: 'error',
  path,
  hint: KEY_FAULTS[code],
})
