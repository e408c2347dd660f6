import type { Logger } from 'pino'
import { TrustStoreHolder } from '../signature/trust-store-holder.ts'

/** An anchor that is taken out must not be trusted for long. */
const TRUST_WATCH_MS = 30_000

export interface WatchedTrust {
  readonly trust: TrustStoreHolder
  unwatch(): void
}

/** The trust store of a folder, read again where a file of it changes. @throws Error where it cannot be read whole */
export async function watchTrust(folder: string, log: Logger): Promise<WatchedTrust> {
  const trust = await TrustStoreHolder.open(folder)
  const unwatch = trust.watch(TRUST_WATCH_MS, (reload) => {
    if (reload.outcome === 'failed')
      log.error({ err: reload.error }, 'the trust store cannot be read again; the earlier one stays in force')
    else log.info(reload, 'the trust store was read again')
  })
  return { trust, unwatch }
}
