import type { Logger } from 'pino'
import type { BlobStore } from '../blobs/store.ts'
import type { Config } from '../config.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import type { StampingDependencies } from '../stamping/dependencies.ts'
import { tokenObjection } from '../stamping/token-objection.ts'
import { permittedHosts } from '../trust-services/permitted-hosts.ts'
import { type OnlineRevocation, revocationSource } from '../trust-services/revocation-source.ts'
import { type TsaClient, tsaClient } from '../trust-services/tsa-client.ts'
import { watchTrust } from './watched-trust.ts'

/**
 * Where the status of certificates is asked for; null where that is switched off. Its `mayAsk` tells whether the operator
 * or the trust store, as it is now, names anybody who may be asked.
 */
export function openRevocation(
  { revocation }: Pick<Config, 'revocation'>,
  trust: TrustStore,
  log: Pick<Logger, 'warn'>,
): OnlineRevocation | null {
  if (!revocation.isOn) return null
  return revocationSource({
    timeoutMs: revocation.timeoutMs,
    deadlineMs: 2 * revocation.timeoutMs,
    hosts: permittedHosts(revocation.hosts, trust),
    networks: revocation.networks,
    onFailure: (url, why) => log.warn({ url, why }, 'the status of a certificate could not be had'),
  })
}

/** The time-stamping authorities; null where there is none. Tokens that the trust store does not bear out are not taken. */
export function openTsa(config: Pick<Config, 'stamping'>, trust: TrustStore, pool: Pool): TsaClient | null {
  const { urls, timeoutMs, authorities } = config.stamping
  if (urls.length === 0) return null
  return tsaClient({
    urls,
    timeoutMs,
    ...(authorities !== null && { authorities }),
    objection: async (token, imprint) => tokenObjection(token, imprint, trust, await databaseNow(pool)),
  })
}

export interface Stamping {
  readonly dependencies: StampingDependencies
  close(): Promise<void>
}

/** What lifts seals; null where there is no time-stamping authority. @throws Error where the trust store cannot be read */
export async function openStamping(
  config: Config,
  base: { readonly pool: Pool; readonly blobs: BlobStore; readonly log: Logger },
  actor: string,
): Promise<Stamping | null> {
  if (config.stamping.urls.length === 0) return null
  const { trust, unwatch } = await watchTrust(config.trust, base.log)
  const revocation = openRevocation(config, trust, base.log)
  const tsa = openTsa(config, trust, base.pool)
  if (tsa === null) return null
  const { pool, blobs } = base
  return {
    dependencies: { pool, blobs, tsa, trust, revocation, actor },
    async close() {
      unwatch()
      await Promise.all([tsa.close(), revocation?.close()])
    },
  }
}
