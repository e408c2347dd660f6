import type { Consignment, SendResult, SingleChannel } from '../../src/delivery/channels/channel.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { waitFor } from '../support/wait-for.ts'

/** One send that is under way, and waits for the test to say how it ends. */
export interface HeldSend {
  readonly consignment: Consignment
  readonly signal: AbortSignal
  finish(result: SendResult): void
}

export const FAILURE = { code: 'http-status', explanation: { vi: 'Lỗi thử', en: 'A failure for a test' } }
export const SENT = { outcome: 'available' } as const
export const RETRY = { outcome: 'retry', failure: FAILURE } as const

/** A channel whose sends begin, and then wait for the test. One that is told to stop ends as `RETRY`. */
export class GatedChannel implements SingleChannel {
  readonly sends: HeldSend[] = []

  send(consignment: Consignment, signal: AbortSignal): Promise<SendResult> {
    return new Promise((finish) => {
      if (signal.aborted) return finish(RETRY)
      signal.addEventListener('abort', () => finish(RETRY), { once: true })
      this.sends.push({ consignment, signal, finish })
    })
  }

  /** The send with this number, counted from 0, once it has begun. */
  async begun(index: number): Promise<HeldSend> {
    await waitFor(() => this.sends.length > index)
    return this.sends[index]!
  }
}

/** A channel that succeeds at once, and remembers the deliveries in the order in which they came. */
export class RecordingChannel implements SingleChannel {
  readonly begun: DeliveryKey[] = []

  async send({ delivery }: Consignment): Promise<SendResult> {
    this.begun.push(delivery.key)
    return SENT
  }
}

/** A channel that always ends the same way. */
export const channelThat = (result: SendResult): SingleChannel => ({ send: async () => result })
