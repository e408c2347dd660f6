import { listAxisSecrets } from '../db/axis-secrets.ts'
import { findAxisSystem } from '../db/axis-systems.ts'
import type { Pool } from '../db/pool.ts'
import type { AxisSystem } from '../domain/axis/axis-system.ts'
import type { Caller } from '../domain/caller.ts'
import type { SecretBox } from '../domain/secret-box.ts'
import { presentSystem } from './axis-systems-grant.ts'
import { isClientId } from './clients.ts'

/** Milliseconds for which a system is believed: a revoked one is refused within them. */
const BELIEVED_MS = 1_000
const MOST_SYSTEMS = 10_000

/** A system that is not revoked, as the axis door needs it. */
export interface KnownAxisSystem {
  readonly system: AxisSystem
  readonly caller: Caller
  /** Its secrets that are in force, in clear text, the newest first; empty where none of them could be opened. */
  readonly secrets: readonly string[]
}

/** Looks a system up; undefined where there is none of this id, or it is revoked. @throws GatewayError `database-unavailable` */
export type FindAxisSystem = (systemId: string) => Promise<KnownAxisSystem | undefined>

export interface AxisSystemsOptions {
  /** Told of a secret that does not open: it was kept under another TRAM_AXIS_SECRETS, or is damaged. */
  readonly onUnopened?: (systemId: string, error: unknown) => void
  readonly monotonicNow?: () => number
}

/** Who a secret belongs to, as it is sealed: a secret that is moved to another row opens no more. */
export const secretOwner = (systemId: string, secretId: string): string =>
  `axis-secret ${secretId} ${systemId}`

/** The systems of a database, each remembered for a second. What fails is not remembered. */
export function knownAxisSystems(
  pool: Pool,
  box: SecretBox,
  { onUnopened = () => undefined, monotonicNow = () => performance.now() }: AxisSystemsOptions = {},
): FindAxisSystem {
  const known = new Map<string, { readonly until: number; readonly found: ReturnType<FindAxisSystem> }>()
  const look = async (systemId: string): Promise<KnownAxisSystem | undefined> => {
    const [stored, sealed] = await Promise.all([
      findAxisSystem(pool, systemId),
      listAxisSecrets(pool, systemId),
    ])
    if (stored === undefined || stored.revokedAt !== null) return undefined
    const secrets = sealed.flatMap(({ id, sealed: bytes }) => {
      try {
        return [box.open(bytes, secretOwner(systemId, id))]
      } catch (error) {
        onUnopened(systemId, error)
        return []
      }
    })
    const caller: Caller = { clientId: systemId, role: 'agency', agency: stored.agency }
    return { system: presentSystem(stored), caller, secrets }
  }
  return async (systemId) => {
    // Ids of systems are ids of clients: nothing else is worth a question.
    if (!isClientId(systemId)) return undefined
    const now = monotonicNow()
    const earlier = known.get(systemId)
    if (earlier !== undefined && now < earlier.until) return earlier.found
    if (known.size >= MOST_SYSTEMS) known.clear()
    const found = look(systemId)
    known.set(systemId, { until: now + BELIEVED_MS, found })
    found.catch(() => known.delete(systemId))
    return found
  }
}
