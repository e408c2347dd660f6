import type { SendResult } from '../../src/delivery/channels/channel.ts'
import { isConnectorChannel } from '../../src/domain/axis/connector.ts'
import type { ChannelId } from '../../src/domain/channel-id.ts'

/** What a channel brings back, and whether another exchange holds the packet now. */
export interface Answer {
  readonly result: SendResult
  readonly isTaken: boolean
}

const failure = { code: 'simulated', explanation: { vi: 'mô phỏng', en: 'simulated' } }
const RETRY: SendResult = { outcome: 'retry', failure }
const WELL: SendResult = { outcome: 'available' }
const HANDED_ON: SendResult = { outcome: 'handed-on', remoteId: 'r-1' }

const told = (result: SendResult): Answer => ({ result, isTaken: false })

/** Of a recipient that is told of what lies in its inbox. */
const TOLD: readonly Answer[] = [
  told(WELL),
  told(WELL),
  told(RETRY),
  told({ ...RETRY, retryAfter: 900 }),
  told({ ...RETRY, ours: true }),
  told({ outcome: 'refused', failure }),
]

/** Of another exchange: also one that takes the packet, and then does not say so. */
const ABROAD: readonly Answer[] = [
  { result: HANDED_ON, isTaken: true },
  { result: { ...HANDED_ON, remoteId: '' }, isTaken: true },
  { result: RETRY, isTaken: true },
  { result: RETRY, isTaken: false },
  { result: { ...RETRY, blocked: true, notTaken: true }, isTaken: false },
  { result: { ...RETRY, notTaken: true }, isTaken: false },
  { result: { outcome: 'refused', failure, notTaken: true }, isTaken: false },
  { result: { outcome: 'refused', failure }, isTaken: true },
  { result: { ...RETRY, ours: true, notTaken: true }, isTaken: false },
]

const MAILBOX: readonly Answer[] = [told(WELL)]

const answersOf = (channel: ChannelId): readonly Answer[] =>
  isConnectorChannel(channel) ? ABROAD : channel === 'https-push' ? TOLD : MAILBOX

export const answer = (channel: ChannelId, by: number): Answer => {
  const answers = answersOf(channel)
  return answers[by % answers.length]!
}

/** Of one that is well. */
export const wellAnswer = (channel: ChannelId): Answer => answersOf(channel)[0]!

/** Of one that nothing gets through to. */
export const deadAnswer = (channel: ChannelId): Answer =>
  channel === 'mailbox'
    ? wellAnswer(channel)
    : told(isConnectorChannel(channel) ? { ...RETRY, notTaken: true } : RETRY)
