import { createHash } from 'node:crypto'
import type { StoredAxisSystem } from '../db/axis-systems.ts'
import type { AxisReach, AxisSystem } from '../domain/axis/axis-system.ts'
import { type Sha256, sha256 } from '../domain/identifiers.ts'

/** SHA-256 (hex) of a reach, in whatever order its agencies, rights and networks stand. */
export function reachSha256({ serves, rights, networks, certificateSha256 }: AxisReach): Sha256 {
  const content = {
    serves: serves.map(({ code, withBeneath }) => [code, withBeneath]).sort(byText),
    rights: [...rights].sort(),
    networks: [...networks].sort(),
    certificateSha256,
  }
  return sha256(createHash('sha256').update(JSON.stringify(content)).digest('hex'))
}

const byText = (one: unknown, other: unknown): number => (String(one) < String(other) ? -1 : 1)

export const presentSystem = (stored: StoredAxisSystem): AxisSystem => ({
  ...stored,
  proposal: stored.proposal && { ...stored.proposal, sha256: reachSha256(stored.proposal) },
})

/**
 * What of a wished reach one administrator may give alone: whatever is already in force, and agencies one by one, as he
 * may give each of them a client. Rights, and everybody beneath an agency, take a second administrator: they reach what
 * nobody has named. So do networks and certificate of a system that has such: whoever has once seen its secret would
 * only have to open them to himself.
 */
export function givenAlone(wished: AxisReach, inForce: AxisReach): AxisReach {
  const beneath = new Set(inForce.serves.filter(({ withBeneath }) => withBeneath).map(({ code }) => code))
  const serves = wished.serves.map(({ code, withBeneath }) => ({
    code,
    withBeneath: withBeneath && beneath.has(code),
  }))
  const rights = wished.rights.filter((right) => inForce.rights.includes(right))
  const isPowerful = rights.length > 0 || serves.some(({ withBeneath }) => withBeneath)
  const { networks, certificateSha256 } = isPowerful ? inForce : wished
  return { serves, rights, networks, certificateSha256 }
}
