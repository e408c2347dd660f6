import type { SingleChannel } from '../../src/delivery/channels/channel.ts'
import type { Channels } from '../../src/delivery/channels/index.ts'
import { notConnected } from '../../src/delivery/channels/not-connected.ts'

/** Channels of a gateway that has no connectors. */
export const channelsOf = (mailbox: SingleChannel, push: SingleChannel = mailbox): Channels => ({
  mailbox,
  'https-push': push,
  'national-axis': { send: async () => notConnected({ vi: 'trục quốc gia', en: 'national axis' }) },
  gateway: { send: async () => notConnected({ vi: 'trục khác', en: 'another gateway' }) },
})
