import type { ApiContext } from '../context.ts'
import { buildAxisApp } from '../http/axis-door/app.ts'
import type { Stopping } from '../http/refuse-while-closing.ts'

export interface OpenDoor {
  close(): Promise<void>
}

/** Opens the door for systems that speak the axis interface, where the configuration names a port for it. */
export async function openAxisDoor(
  context: ApiContext,
  stopping: Stopping,
  drainMs: number,
): Promise<OpenDoor> {
  const { axis } = context.config
  if (axis === null || context.axisSystems === null) return { close: async () => undefined }
  const { tls, rateLimit, host, port } = axis
  const app = await buildAxisApp(context, { systems: context.axisSystems, tls, rateLimit, stopping })
  const url = await app.listen({ host, port })
  context.log.info({ url }, 'axis door ready')
  return {
    async close() {
      const cutOff = setTimeout(() => app.server.closeAllConnections(), drainMs)
      await app.close()
      clearTimeout(cutOff)
    },
  }
}
