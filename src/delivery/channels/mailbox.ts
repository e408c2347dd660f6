import type { SingleChannel } from './channel.ts'

/** The recipient pulls: once numbered in its inbox the delivery is available, and there is nothing more to do. */
export const mailboxChannel = (): SingleChannel => ({ send: async () => ({ outcome: 'available' }) })
