import type { Logger } from 'pino'
import { TrustStoreHolder } from '../signature/trust-store-holder.ts'
import { named } from './setup-error.ts'

/** An anchor that is taken out must not be trusted for long. */
const TRUST_WATCH_MS = 30_000

export interface WatchedTrust {
  readonly trust: TrustStoreHolder
  unwatch(): void
}

/** The trust store of a folder, read again where a file of it changes. @throws SetupError where it cannot be read whole */
export async function watchTrust(folder: string, log: Logger): Promise<WatchedTrust> {
  const trust = await named('TRAM_TRUST', TrustStoreHolder.open(folder))
  if (trust.anchors.length === 0)
    log.warn({ folder }, 'the trust store is empty: no signature can be trusted')
  const unwatch = trust.watch(TRUST_WATCH_MS, (reload) => {
    if (reload.outcome === 'failed')
      log.error({ err: reload.error }, 'the trust store cannot be read again; the earlier one stays in force')
    else log.info(reload, 'the trust store was read again')
  })
  return { trust, unwatch }
}
