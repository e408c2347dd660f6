import type { Bilingual } from './bilingual.ts'

/** How a recipient's system is reached. */
export type ChannelId = 'mailbox' | 'https-push' | 'national-axis' | 'gateway'

/**
 * What must be there before a channel can be used: nothing; an endpoint that the recipient's own system, or one above
 * it, has named; a connector of this gateway, which its operator configures.
 */
export type ChannelNeed = 'nothing' | 'endpoint' | 'connector'

export const CHANNELS = {
  mailbox: {
    label: { vi: 'hộp thư (bên nhận tự lấy)', en: 'mailbox (pulled by the recipient)' },
    needs: 'nothing',
  },
  'https-push': { label: { vi: 'báo tin qua HTTPS', en: 'notice by HTTPS push' }, needs: 'endpoint' },
  'national-axis': {
    label: { vi: 'trục liên thông văn bản quốc gia', en: 'national document exchange axis' },
    needs: 'connector',
  },
  gateway: { label: { vi: 'trục liên thông khác', en: 'another gateway' }, needs: 'connector' },
} as const satisfies Record<ChannelId, { readonly label: Bilingual; readonly needs: ChannelNeed }>

export const CHANNEL_IDS = Object.keys(CHANNELS) as ChannelId[]

/** The channels that an agency may name as its endpoint; beyond the gateway only a routing table sends. */
export type EndpointChannelId = {
  [C in ChannelId]: (typeof CHANNELS)[C]['needs'] extends 'connector' ? never : C
}[ChannelId]

export const isEndpointChannel = (channel: ChannelId): channel is EndpointChannelId =>
  CHANNELS[channel].needs !== 'connector'

export const ENDPOINT_CHANNEL_IDS: readonly EndpointChannelId[] = CHANNEL_IDS.filter(isEndpointChannel)

/** Which channels an installation can use: every one that needs no connector, and those that it has one for. */
export interface UsableChannels {
  /** @param gateway for the channel `gateway`: the agency whose gateway it is to be; any where left out */
  has(channel: ChannelId, gateway?: string): boolean
}

/** The channels that every installation can use: those without a connector. */
export const WITHOUT_CONNECTOR: UsableChannels = new Set<ChannelId>(ENDPOINT_CHANNEL_IDS)
