import type { Parties } from './agencies.ts'
import type { Kind } from './contents.ts'

/** What a driver is told as it starts, in its environment. */
export interface DriverWorld {
  readonly urls: readonly string[]
  readonly parties: Parties
  /** Folder of the development certificates, with the key of the issuing authority. */
  readonly certificates: string
}

export const WORLD_VARIABLE = 'TRAM_BENCH_WORLD'

export type SenderOrder =
  | {
      readonly is: 'prepare'
      readonly kind: Kind
      readonly recipients: number
      /** Number of the first document; no two of a database are equal. */
      readonly first: number
      readonly count: number
    }
  | {
      readonly is: 'run'
      /** Documents a second, at times that are drawn beforehand; or so many always under way. */
      readonly load: { readonly rate: number } | { readonly inFlight: number }
      readonly seconds: number
      readonly seed: number
    }

/** Number of the document, when it was to be sent, when it was answered, and how: instants in ms since 1970. */
export type SentRow = readonly [number: number, dueAt: number, answeredAt: number, status: number]

export type SenderAnswer =
  | { readonly is: 'prepared'; readonly bytes: number }
  | { readonly is: 'sent'; readonly rows: readonly SentRow[] }

/** Number of the document, when its first byte was there, when its acknowledgement was confirmed. */
export type TakenRow = readonly [number: number, handedOverAt: number, acknowledgedAt: number]
