import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig, printableConfig } from '../config.ts'
import { createApiContext } from '../context.ts'
import { listen } from '../db/notifications.ts'
import { agencyCode } from '../domain/identifiers.ts'
import { housekeeper } from '../housekeeping/keep-house.ts'
import { buildApp } from '../http/app.ts'
import { startLoop } from '../worker/loop.ts'
import { openAxisDoor } from './axis-door.ts'
import { untilStopped } from './graceful.ts'
import { lookAtStore } from './look-at-store.ts'
import { pollExchanges } from './poll-exchanges.ts'
import { watchSealKeys } from './reload-keys.ts'
import { syncDirectories } from './sync-directories.ts'
import { refuseUnsafeServers } from './unsafe-servers.ts'
import { endWarner } from './warn-of-ends.ts'

const DRAIN_MS = 20_000
/** Each certificate is warned of once a day; an hour is how late that may be. */
const WARN_EVERY_MS = 60 * 60_000
const HOUSEKEEPING_EVERY_MS = 10 * 60_000

/** `tram serve`: the API, until it is told to stop. */
export async function serve(): Promise<number> {
  const config = loadConfig('api')
  const context = await createApiContext(config)
  context.log.info({ config: printableConfig('api') }, 'API starting')
  await refuseUnsafeServers(context)
  await lookAtStore(context)
  const stopping = { begun: false }
  const app = await buildApp(context, stopping)
  const listener = listen(
    config.databaseUrl,
    ['tram_inbox'],
    (_topic, agency) => context.waiters.wake(agency === '' ? undefined : agencyCode(agency)),
    (error) => {
      context.log.warn({ err: error }, 'the inbox notifications broke; readers look again by themselves')
      // Whoever waits looks now, and is told where the database is away.
      context.waiters.wake()
    },
    context.databaseWatch,
  )
  const keepHouse = housekeeper(context)
  const sweeper = startLoop(
    HOUSEKEEPING_EVERY_MS,
    async () => {
      const swept = await keepHouse()
      if (Object.values(swept).some((count) => count > 0)) context.log.info(swept, 'housekeeping')
    },
    (error) => context.log.warn({ err: error }, 'housekeeping could not remove everything'),
  )
  const endWatch = startLoop(WARN_EVERY_MS, endWarner(context), (error) =>
    context.log.warn({ err: error }, 'the ends of certificates could not be looked at'),
  )
  const keyWatch = watchSealKeys(context)
  const axisDoor = await openAxisDoor(context, stopping, DRAIN_MS)
  const polling = pollExchanges(context)
  const syncing = syncDirectories(context)
  const url = await app.listen({ host: config.http.host, port: config.http.port })
  context.log.info({ url }, 'ready')
  const handOverMs = config.http.handOverSeconds * 1_000
  const stop = async () => {
    context.log.info('API stopping')
    stopping.begun = true
    await pause(handOverMs)
    context.waiters.close()
    const cutOff = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
    await Promise.all([app.close(), axisDoor.close(), polling.stop(), syncing.stop()])
    clearTimeout(cutOff)
    await Promise.all([listener.close(), sweeper.stop(), keyWatch.stop(), endWatch.stop()])
    await context.close()
  }
  await untilStopped(new Promise(() => undefined), stop, handOverMs)
  return 0
}
