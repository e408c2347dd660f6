import { Counter, type Registry } from 'prom-client'
import type { ApiContext } from '../../context.ts'
import { readArrivalGauges } from '../../db/axis-polls.ts'
import { seldom } from './metrics.ts'
import { gaugesOf } from './shared-look.ts'

/** What other exchanges hold for this gateway; left out while the database does not answer. */
export function registerArrivalGauges(
  registry: Registry,
  { pool, log, connectors, pollWatches }: Pick<ApiContext, 'pool' | 'log' | 'connectors' | 'pollWatches'>,
): void {
  const look = seldom(
    () =>
      readArrivalGauges(pool).catch((error: unknown) => {
        log.warn({ err: error }, 'what other exchanges hold could not be counted')
        return null
      }),
    () => performance.now(),
  )
  const gauge = gaugesOf(registry, look)
  // What was connected once leaves its rows behind, and would grow old for ever.
  const names = new Set(connectors?.all.map(({ name }) => name))
  gauge(
    'tram_axis_arrivals',
    'Packets of other exchanges that are not done with: on the list, fetched, taken in and not told, refused',
    ['connector', 'state'],
    ({ open }, shown) => {
      for (const { connector, state, count } of open) shown.set({ connector, state }, count)
    },
  )
  gauge(
    'tram_oldest_axis_arrival_seconds',
    'How long the oldest of them has stood on the list of its exchange',
    ['connector', 'state'],
    ({ open }, shown) => {
      for (const { connector, state, seconds } of open) shown.set({ connector, state }, seconds)
    },
  )
  gauge(
    'tram_axis_poll_age_seconds',
    'Time since the lists of another exchange were read last; +Inf where they never were',
    ['connector'],
    ({ polls }, shown) => {
      for (const { connector, seconds } of polls)
        if (names.has(connector)) shown.set({ connector }, seconds ?? Number.POSITIVE_INFINITY)
    },
  )
  new Counter({
    name: 'tram_axis_poll_failures_total',
    help: 'Polls of another exchange that failed in this process, by how; the log tells when that begins and ends',
    labelNames: ['connector', 'failure'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { connector, counts } of pollWatches)
        for (const [failure, count] of counts) this.inc({ connector, failure }, count)
    },
  })
}
