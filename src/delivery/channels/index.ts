import { CHANNELS } from '../../domain/channel-id.ts'
import { type AxisChannelDependencies, axisChannel } from './axis-channel.ts'
import type { Channel, SingleChannel } from './channel.ts'
import { httpsPushChannel, type PushOptions } from './https-push.ts'
import { mailboxChannel } from './mailbox.ts'
import { notConnected } from './not-connected.ts'

export interface Channels {
  readonly mailbox: SingleChannel
  readonly 'https-push': SingleChannel
  readonly 'national-axis': Channel
  readonly gateway: Channel
}

/** One implementation for each channel. @param axis null where this gateway is a client of no other exchange */
export function createChannels(push: PushOptions, axis: AxisChannelDependencies | null = null): Channels {
  const toExchanges = axis === null ? nowhere : axisChannel(axis)
  return {
    mailbox: mailboxChannel(),
    'https-push': httpsPushChannel(push),
    'national-axis': toExchanges,
    gateway: toExchanges,
  }
}

const nowhere: Channel = { send: async ({ delivery }) => notConnected(CHANNELS[delivery.channel].label) }
