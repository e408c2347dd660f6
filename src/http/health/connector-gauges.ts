import { Gauge, type Registry } from 'prom-client'
import type { WorkerContext } from '../../context.ts'

/** Whether this worker reached each other exchange when it asked last; left out where it has not asked yet. */
export function registerConnectorGauges(
  registry: Registry,
  { exchanges }: Pick<WorkerContext, 'exchanges'>,
): void {
  new Gauge({
    name: 'tram_connector_up',
    help: 'Whether another exchange could be reached when it was asked last',
    labelNames: ['connector'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { connector, reach } of exchanges.all)
        if (reach.up !== undefined) this.set({ connector: connector.name }, reach.up ? 1 : 0)
    },
  })
}
