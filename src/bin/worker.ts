import { loadConfig, printableConfig } from '../config.ts'
import { createWorkerContext } from '../context.ts'
import { startHealthServer } from '../http/health/server.ts'
import { startWorker } from '../worker/start-worker.ts'
import { untilStopped } from './graceful.ts'
import { lookAtStore } from './look-at-store.ts'
import { refuseUnsafeServers } from './unsafe-servers.ts'

const DRAIN_MS = 20_000

/** `tram worker`: sends deliveries of some tiers, or of all, until it is told to stop. */
export async function worker(): Promise<number> {
  const config = loadConfig('worker')
  const context = await createWorkerContext(config)
  const { log } = context
  log.info({ config: printableConfig('worker') }, 'worker starting')
  await refuseUnsafeServers(context)
  await lookAtStore(context)
  let giveUp: (stuck: string[]) => void = () => undefined
  const gaveUp = new Promise<string[]>((resolve) => {
    giveUp = resolve
  })
  const running = await startWorker(context, giveUp)
  const health = await startHealthServer(context, () => running.isReady())
  log.info({ url: health.url }, 'ready')
  let exitCode = 0
  void gaveUp.then((stuck) => {
    log.fatal({ stuck }, 'work waits and is not done: ending, to be started again')
    exitCode = 1
  })
  await untilStopped(gaveUp, async () => {
    log.info('worker stopping')
    await running.stop(DRAIN_MS)
    await health.close()
    await context.close()
  })
  return exitCode
}
