import type { Bilingual } from '../../domain/bilingual.ts'
import type { SendResult } from './channel.ts'

/** Seconds until it is looked again whether there is a connector. */
const LOOK_AGAIN = 3_600

/**
 * What becomes of a delivery for which this gateway has no connector: it waits where everybody sees it, and is not given
 * up, for the lack is the gateway's own.
 */
export const notConnected = (label: Bilingual): SendResult => ({
  outcome: 'retry',
  retryAfter: LOOK_AGAIN,
  ours: true,
  notTaken: true,
  failure: {
    code: 'channel-not-connected',
    explanation: {
      vi: `Trục này chưa được kết nối kênh: ${label.vi}`,
      en: `This gateway has no connector for: ${label.en}`,
    },
  },
})
