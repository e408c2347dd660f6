import type { Bilingual } from '../../domain/bilingual.ts'
import type { Channel } from './channel.ts'

/** Seconds until it is looked again whether there is a connector. */
const LOOK_AGAIN = 3_600

/**
 * A channel for which this gateway has no connector. What was routed to it waits where everybody sees it, and is not
 * given up: the lack is the gateway's own.
 */
export const notConnectedChannel = (label: Bilingual): Channel => ({
  send: async () => ({
    outcome: 'retry',
    retryAfter: LOOK_AGAIN,
    ours: true,
    failure: {
      code: 'channel-not-connected',
      explanation: {
        vi: `Trục này chưa được kết nối kênh: ${label.vi}`,
        en: `This gateway has no connector for: ${label.en}`,
      },
    },
  }),
})
