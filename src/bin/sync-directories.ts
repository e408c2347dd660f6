import { syncDirectory } from '../connector/sync-directory.ts'
import type { ApiContext } from '../context.ts'
import { putSyncBack, takeSync } from '../db/axis-syncs.ts'
import { startLoop } from '../worker/loop.ts'

const LOOK_EVERY_MS = 10 * 60_000
const DAY_SECONDS = 86_400
/** What failed is tried again after an hour. */
const AGAIN_SECONDS = 3_600

export interface Syncing {
  /** Ends what is under way. */
  stop(): Promise<void>
}

/** Asks every exchange for its directory once a day, where the operator wishes it; of all processes one does so. */
export function syncDirectories(context: ApiContext): Syncing {
  const { exchanges, config, pool, log } = context
  if (config.axisSync === 'off' || exchanges.all.length === 0) return { stop: async () => undefined }
  const ending = new AbortController()
  const round = async () => {
    for (const exchange of exchanges.all) {
      const { name } = exchange.connector
      if (ending.signal.aborted || !(await takeSync(pool, name, DAY_SECONDS))) continue
      const isDone = await syncOne(context, exchange, ending.signal)
      if (!isDone) await putSyncBack(pool, name, DAY_SECONDS - AGAIN_SECONDS)
    }
  }
  const loop = startLoop(LOOK_EVERY_MS, round, (error) =>
    log.warn({ err: error }, 'other exchanges could not be asked for their directories'),
  )
  return {
    async stop() {
      ending.abort()
      await loop.stop()
    },
  }
}

/** Whether its directory was had and compared. */
async function syncOne(
  context: ApiContext,
  exchange: ApiContext['exchanges']['all'][number],
  signal: AbortSignal,
): Promise<boolean> {
  const { pool, registry, usable, config, log, connectors } = context
  const { connector, client } = exchange
  const drafts = { pool, registry, usable, allowHttp: config.push.allowHttp, signal }
  try {
    const done = await syncDirectory({ drafts, connector, client, home: connectors?.home ?? [] }, { signal })
    const { remarks, ...told } = done
    const facts = { connector: connector.name, ...told, leftOut: remarks.length }
    if (done.outcome === 'failed') log.warn(facts, 'the directory of another exchange could not be had')
    else log.info(facts, 'the directory of another exchange was compared')
    return done.outcome !== 'failed'
  } catch (error) {
    log.warn({ err: error, connector: connector.name }, 'the directory of another exchange was not compared')
    return false
  }
}
