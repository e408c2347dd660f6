import type { Channel } from '../../src/delivery/channels/channel.ts'
import type { Channels } from '../../src/delivery/channels/index.ts'
import { notConnectedChannel } from '../../src/delivery/channels/not-connected.ts'

/** Channels of a gateway that has no connectors. */
export const channelsOf = (mailbox: Channel, push: Channel = mailbox): Channels => ({
  mailbox,
  'https-push': push,
  'national-axis': notConnectedChannel({ vi: 'trục quốc gia', en: 'national axis' }),
  gateway: notConnectedChannel({ vi: 'trục khác', en: 'another gateway' }),
})
