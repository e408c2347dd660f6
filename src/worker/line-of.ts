import type { Addressee } from '../db/leases.ts'
import type { Registry } from '../directory/snapshot/holder.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'

/**
 * Whose system a delivery waits for, by channel: many recipients may be reached by one, such as the endpoint of their
 * province or another gateway, and all of them together have no more than one share. Null: nobody is waited for.
 */
const LINES: Record<ChannelId, (addressee: Addressee, registry: Registry) => string | null> = {
  mailbox: () => null,
  'https-push': ({ recipient, now }, { directory }) =>
    directory.endpointFor(recipient, vietnamDay(now))?.of ?? recipient,
  'national-axis': () => 'channel:national-axis',
  gateway: ({ gateway }) => `channel:gateway ${gateway}`,
}

/** The line in which a delivery takes its turn; null where it needs none. */
export const lineOf = (addressee: Addressee, registry: Registry): string | null =>
  LINES[addressee.channel](addressee, registry)
