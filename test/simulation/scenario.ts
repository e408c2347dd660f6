import fc from 'fast-check'
import type { ChannelId } from '../../src/domain/channel-id.ts'
import type { QuietHours } from '../../src/domain/routing-rule.ts'
import type { Urgency } from '../../src/domain/urgency.ts'

/** How a recipient's system, or the exchange that leads there, is once the faults have ended. */
export type Health =
  /** It answers. */
  | 'well'
  /** Nothing ever gets through to it. */
  | 'dead'
  /** Whoever sends to it dies of it. */
  | 'deadly'

export interface Recipient {
  readonly tier: 'province' | 'commune'
  readonly channel: ChannelId
  readonly fallback: readonly ChannelId[]
  readonly quietHours: QuietHours | null
  readonly health: Health
}

export interface Document {
  readonly urgency: Urgency
  /** Indexes of recipients. */
  readonly to: readonly number[]
  /** Circulars are fed to the queue later. */
  readonly isCircular: boolean
}

/** Everything that a run is made of: who there is, and what happens, one number for each step. */
export interface Scenario {
  readonly workers: number
  readonly recipients: readonly Recipient[]
  readonly documents: readonly Document[]
  readonly steps: readonly number[]
}

const WAYS: readonly Pick<Recipient, 'channel' | 'fallback'>[] = [
  { channel: 'mailbox', fallback: [] },
  { channel: 'https-push', fallback: [] },
  { channel: 'https-push', fallback: ['mailbox'] },
  { channel: 'gateway', fallback: [] },
  { channel: 'gateway', fallback: ['mailbox'] },
]

/** From the last evening into the morning, and urgent documents pass. */
const NIGHT: QuietHours = { from: '20:00', to: '06:00', passedFrom: 2 }

const recipient: fc.Arbitrary<Recipient> = fc
  .record({
    tier: fc.constantFrom('province' as const, 'commune' as const),
    way: fc.constantFrom(...WAYS),
    quietHours: fc.constantFrom(null, null, null, NIGHT),
    health: fc.constantFrom<Health>('well', 'well', 'well', 'well', 'well', 'dead', 'dead', 'deadly'),
  })
  .map(({ way, ...rest }) => ({ ...rest, ...way }))

const document = fc.record({
  urgency: fc.constantFrom<Urgency>(0, 0, 1, 3, 4),
  to: fc.constantFrom([0], [1], [0, 1], [0, 1, 2], [2]),
  isCircular: fc.constantFrom(false, false, true),
})

/** The largest number of a step: which event, and how it goes. */
export const MOST_STEP = 0xffff

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  workers: fc.constantFrom(1, 2, 2, 3),
  recipients: fc.array(recipient, { minLength: 3, maxLength: 3 }),
  documents: fc.array(document, { minLength: 1, maxLength: 4 }),
  steps: fc.array(fc.nat(MOST_STEP), { maxLength: 140, size: 'max' }),
})
