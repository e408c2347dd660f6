import type { DeliveryState } from '../../src/domain/delivery-state.ts'
import type { Evidence } from './evidence.ts'

interface Range {
  readonly least: number
  readonly most: number
}

const none: Range = { least: 0, most: 0 }
const once: Range = { least: 1, most: 1 }
const atMostOnce: Range = { least: 0, most: 1 }

const AUDITED = [
  'delivery-available',
  'delivery-handed-over',
  'delivery-acknowledged',
  'delivery-withdrawn',
  'delivery-failed',
] as const

/**
 * How often each event stands with a delivery in a state; never where nothing is said. Whoever fetches as soon as an item
 * has its number may be faster than the worker that would say that it is available.
 */
const EVENTS_OF: Record<DeliveryState, Partial<Record<(typeof AUDITED)[number], Range>>> = {
  waiting: {},
  available: { 'delivery-available': once },
  'handed-over': { 'delivery-available': atMostOnce, 'delivery-handed-over': once },
  acknowledged: {
    'delivery-available': atMostOnce,
    'delivery-handed-over': once,
    'delivery-acknowledged': once,
  },
  withdrawn: { 'delivery-available': atMostOnce, 'delivery-withdrawn': once },
  failed: { 'delivery-failed': once },
}

/** Events that lack, stand too often, or speak of what is not there. */
export function unaudited({ documents, deliveries, events }: Evidence): string[] {
  const known = new Set(documents.map(({ key }) => key))
  const knownDeliveries = new Set(deliveries.map(({ key }) => key))
  const counts = new Map(events.map((one) => [`${one.kind} ${one.delivery ?? one.document}`, one.count]))
  const check = (name: string, kind: string, key: string, { least, most }: Range): string[] => {
    const count = counts.get(`${kind} ${key}`) ?? 0
    return count >= least && count <= most ? [] : [`${name}: ${kind} stands ${count} times`]
  }
  // What failed and was begun anew by an administrator has failed before: as often as that at most.
  const range = (key: string, state: DeliveryState, kind: (typeof AUDITED)[number]): Range => {
    const { least, most } = EVENTS_OF[state][kind] ?? none
    const anew = kind === 'delivery-failed' ? (counts.get(`delivery-retried ${key}`) ?? 0) : 0
    return { least, most: most + anew }
  }
  return [
    ...documents.flatMap(({ name, key }) => check(name, 'submission-accepted', key, once)),
    ...deliveries.flatMap(({ key, state }) =>
      AUDITED.flatMap((kind) => check(`delivery ${key} (${state})`, kind, key, range(key, state, kind))),
    ),
    ...events
      .filter((one) => one.delivery !== null && !knownDeliveries.has(one.delivery))
      .map((one) => `${one.kind} of delivery ${one.delivery}, which is not there`),
    ...events
      .filter((one) => !known.has(one.document))
      .map((one) => `${one.kind} of document ${one.document}, which is not there`),
  ]
}
