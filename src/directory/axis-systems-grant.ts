import { createHash } from 'node:crypto'
import type { StoredAxisSystem } from '../db/axis-systems.ts'
import type { AxisGrant, AxisSystem } from '../domain/axis/axis-system.ts'
import { type Sha256, sha256 } from '../domain/identifiers.ts'

/** SHA-256 (hex) of a grant, in whatever order its agencies and rights stand. */
export function grantSha256({ serves, rights }: AxisGrant): Sha256 {
  const content = {
    serves: serves.map(({ code, withBeneath }) => [code, withBeneath]).sort(byText),
    rights: [...rights].sort(),
  }
  return sha256(createHash('sha256').update(JSON.stringify(content)).digest('hex'))
}

const byText = (one: unknown, other: unknown): number => (String(one) < String(other) ? -1 : 1)

export const presentSystem = (stored: StoredAxisSystem): AxisSystem => ({
  ...stored,
  proposal: stored.proposal && { ...stored.proposal, sha256: grantSha256(stored.proposal) },
})

/**
 * What of a wished grant one administrator may give alone: whatever is already in force, and agencies one by one, as he
 * may give each of them a client. Rights, and everybody beneath an agency, take a second administrator: they reach what
 * nobody has named.
 */
export function givenAlone(wished: AxisGrant, inForce: AxisGrant): AxisGrant {
  const beneath = new Set(inForce.serves.filter(({ withBeneath }) => withBeneath).map(({ code }) => code))
  return {
    serves: wished.serves.map(({ code, withBeneath }) => ({
      code,
      withBeneath: withBeneath && beneath.has(code),
    })),
    rights: wished.rights.filter((right) => inForce.rights.includes(right)),
  }
}
