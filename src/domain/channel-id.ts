import type { Bilingual } from './bilingual.ts'

/** How a recipient's system is reached. */
export type ChannelId = 'mailbox' | 'https-push'

export const CHANNELS: Record<ChannelId, { readonly label: Bilingual; readonly needsEndpoint: boolean }> = {
  mailbox: {
    label: { vi: 'hộp thư (bên nhận tự lấy)', en: 'mailbox (pulled by the recipient)' },
    needsEndpoint: false,
  },
  'https-push': { label: { vi: 'báo tin qua HTTPS', en: 'notice by HTTPS push' }, needsEndpoint: true },
}

export const CHANNEL_IDS = Object.keys(CHANNELS) as ChannelId[]
