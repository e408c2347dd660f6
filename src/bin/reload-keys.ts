import type { ApiContext } from '../context.ts'
import { startLoop } from '../worker/loop.ts'

const LOOK_EVERY_MS = 30_000

/**
 * Looks at the files of the seal's keys twice a minute, and at once on SIGHUP, so that keys are exchanged while
 * requests go on. What could not be opened is told every time until it is mended.
 */
export function watchSealKeys({ sealKeys, log }: Pick<ApiContext, 'sealKeys' | 'log'>) {
  const look = async () => {
    const { changed, names, faults } = await sealKeys.reload()
    for (const error of faults)
      log.error({ err: error }, 'a key of the seal cannot be used; those in use stay in use')
    if (changed) log.info({ keys: names }, 'keys of the seal were read again')
  }
  const loop = startLoop(LOOK_EVERY_MS, look, (error) =>
    log.error({ err: error }, 'the keys of the seal could not be looked at'),
  )
  const onHangUp = () => {
    log.info('SIGHUP: looking at the keys of the seal')
    loop.wake()
  }
  process.on('SIGHUP', onHangUp)
  return {
    async stop(): Promise<void> {
      process.off('SIGHUP', onHangUp)
      await loop.stop()
    },
  }
}
