import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { readGauges } from '../../db/gauges.ts'
import type { Pool } from '../../db/pool.ts'
import { gaugesOf } from './shared-look.ts'

const LEAST_INTERVAL_MS = 10_000
/** The database spends at most a twentieth of its time on counting for us. */
const REST_FACTOR = 20

/** What a process tells of itself to Prometheus. Each has a registry of its own. */
export interface Metrics {
  readonly registry: Registry
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
  readonly submissions: Counter<'outcome' | 'problem'>
  readonly problems: Counter<'code'>
}

export function createMetrics(pool: Pool, onError: (error: unknown) => void): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registerGauges(pool, registry, onError)
  return {
    registry,
    httpDuration: new Histogram({
      name: 'tram_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    }),
    submissions: new Counter({
      name: 'tram_submissions_total',
      help: 'Submissions by outcome; refused ones by the code of the problem',
      labelNames: ['outcome', 'problem'],
      registers,
    }),
    problems: new Counter({
      name: 'tram_problems_total',
      help: 'Problems answered, by code',
      labelNames: ['code'],
      registers,
    }),
  }
}

function registerGauges(pool: Pool, registry: Registry, onError: (error: unknown) => void): void {
  // Collected side by side: whichever comes first asks the database for all. What cannot be known is left out.
  const refresh = seldom(
    () =>
      readGauges(pool).catch((error: unknown) => {
        onError(error)
        return null
      }),
    () => performance.now(),
  )
  const gauge = gaugesOf(registry, refresh)
  gauge('tram_deliveries', 'Deliveries by tier and state', ['tier', 'state'], ({ deliveries }, shown) => {
    for (const { tier, state, count } of deliveries) shown.set({ tier, state }, count)
  })
  gauge(
    'tram_oldest_waiting_delivery_seconds',
    'Age of the oldest waiting delivery of a tier',
    ['tier'],
    ({ oldestWaiting }, shown) => {
      for (const { tier, seconds } of oldestWaiting) shown.set({ tier }, seconds)
    },
  )
  gauge(
    'tram_deliveries_waiting_abroad',
    'Deliveries that wait for another exchange',
    ['channel', 'gateway'],
    ({ abroad }, shown) => {
      for (const { channel, gateway, count } of abroad) shown.set({ channel, gateway: gateway ?? '' }, count)
    },
  )
  gauge(
    'tram_oldest_waiting_abroad_seconds',
    'How long the delivery that waits longest for another exchange has waited',
    ['channel', 'gateway'],
    ({ abroad }, shown) => {
      for (const { channel, gateway, seconds } of abroad)
        shown.set({ channel, gateway: gateway ?? '' }, seconds)
    },
  )
  gauge('tram_seals_waiting', 'Seals that want a level', ['level'], ({ seals }, shown) => {
    for (const { wants, count } of seals.waiting) shown.set({ level: wants }, count)
  })
  gauge(
    'tram_oldest_owed_timestamp_seconds',
    'Age of the oldest document whose seal is owed a timestamp; 0 where none is',
    [],
    ({ seals }, shown) => shown.set(seals.oldestOwedSeconds),
  )
  gauge(
    'tram_damaged_blobs',
    'Stored blobs that were found damaged and are not whole again: above 0 is an alarm',
    [],
    ({ damagedBlobs }, shown) => shown.set(damagedBlobs),
  )
  gauge(
    'tram_deliveries_not_taken',
    'Waiting deliveries that broke their worker each time it took them, several times in a row: above 0 is an alarm',
    [],
    ({ notTaken }, shown) => shown.set(notTaken),
  )
  gauge(
    'tram_outbox_length',
    'Deliveries that the queue has still to be told of',
    [],
    ({ outboxLength }, shown) => shown.set(outboxLength),
  )
}

/** `work`, done at most every ten seconds and for at most a twentieth of the time; in between its last result. */
export function seldom<T>(work: () => Promise<T>, monotonicNow: () => number): () => Promise<T> {
  let last: Promise<T> | undefined
  let notBefore = 0
  return () => {
    const started = monotonicNow()
    if (last !== undefined && started < notBefore) return last
    notBefore = Number.POSITIVE_INFINITY
    const rest = () => {
      const ended = monotonicNow()
      notBefore = Math.max(started + LEAST_INTERVAL_MS, ended + (ended - started) * REST_FACTOR)
    }
    last = work()
    last.then(rest, rest)
    return last
  }
}
