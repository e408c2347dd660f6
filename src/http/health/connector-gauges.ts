import { Gauge, type Registry } from 'prom-client'
import type { WorkerContext } from '../../context.ts'

/** Whether this worker reaches each other exchange; left out where it does not know yet. */
export function registerConnectorGauges(
  registry: Registry,
  { exchanges }: Pick<WorkerContext, 'exchanges'>,
): void {
  new Gauge({
    name: 'tram_connector_up',
    help: 'Whether another exchange can be reached; 0 after several failures in a row',
    labelNames: ['connector'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { connector, reach } of exchanges.all)
        if (reach.up !== undefined) this.set({ connector: connector.name }, reach.up ? 1 : 0)
    },
  })
}
