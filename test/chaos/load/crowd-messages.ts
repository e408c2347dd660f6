import type { Kind } from '../../../scripts/bench/load/contents.ts'
import type { DriverWorld } from '../../../scripts/bench/load/driver-messages.ts'

export { WORLD_VARIABLE } from '../../../scripts/bench/load/driver-messages.ts'

export type CrowdOrder =
  /** Makes and signs packets until each sender has so many, by the number of the sender. */
  | { readonly is: 'prepare'; readonly counts: readonly number[] }
  | { readonly is: 'run'; readonly load: CrowdLoad; readonly seconds: number; readonly seed: number }

/**
 * Documents a second of each sender, at times drawn beforehand, whatever becomes of earlier ones; or so many always under
 * way, each sender in his turn. Senders have 256 connections to each API between them; what is due and finds none free waits.
 * What is refused is offered again later, as a document of the next arrival.
 */
export type CrowdLoad = { readonly rates: readonly number[] } | { readonly inFlight: number }

export const NO_ANSWER = 'no answer'

/** What became of the documents of one sender. */
export interface SenderResult {
  readonly sender: string
  /** Documents that were to be sent. */
  readonly due: number
  /** Of these, how many were: the others had no connection until time was up. */
  readonly offered: number
  readonly accepted: number
  /** Milliseconds from when each accepted document was to be sent to its answer. */
  readonly waits: readonly number[]
  /** By what was told, as `429 rate-limited concurrentSubmissions`; `NO_ANSWER` where nothing was. */
  readonly refused: Readonly<Record<string, number>>
  /** Refusals with 429 or 503 that do not say when to come again. */
  readonly withoutTime: number
  /** Milliseconds from when each refused document was sent to its answer. */
  readonly refusalWaits: readonly number[]
  /** Of those that were sent with Priority: u=0. */
  readonly urgentOffered: number
  readonly urgentAccepted: number
}

export type CrowdAnswer =
  | { readonly is: 'prepared' }
  | { readonly is: 'ran'; readonly seconds: number; readonly results: readonly SenderResult[] }

export interface CrowdWorld extends DriverWorld {
  /** Of the documents that are sent. */
  readonly kind: Kind
  /** Takes what the senders write down: the intent before each request, the answer after it. */
  readonly journalFile: string
}
