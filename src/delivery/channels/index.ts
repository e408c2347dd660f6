import { CHANNELS, type ChannelId } from '../../domain/channel-id.ts'
import type { Channel } from './channel.ts'
import { httpsPushChannel, type PushOptions } from './https-push.ts'
import { mailboxChannel } from './mailbox.ts'
import { notConnectedChannel } from './not-connected.ts'

export type Channels = Readonly<Record<ChannelId, Channel>>

/** One implementation for each channel. */
export const createChannels = (push: PushOptions): Channels => ({
  mailbox: mailboxChannel(),
  'https-push': httpsPushChannel(push),
  'national-axis': notConnectedChannel(CHANNELS['national-axis'].label),
  gateway: notConnectedChannel(CHANNELS.gateway.label),
})
