import type { Consignment } from '../../src/delivery/channels/channel.ts'
import { agencyCode, documentKey, newDeliveryKey, uuidv7 } from '../../src/domain/identifiers.ts'

/** A leased delivery as a channel gets it, to whatever endpoint. */
export const consignmentTo = (endpointUrl: string | null): Consignment => ({
  endpointUrl,
  companions: [],
  delivery: {
    key: newDeliveryKey(),
    document: documentKey(uuidv7()),
    recipient: agencyCode('H90'),
    tier: 'province',
    urgency: 0,
    channel: 'https-push',
    route: {},
    state: 'waiting',
    stateSince: new Date('2026-11-20T01:00:00Z'),
    leaseEpoch: 1,
    leaseUntil: new Date('2026-11-20T01:00:06Z'),
    attempts: 1,
    nextAttemptAt: new Date('2026-11-20T01:00:00Z'),
    inboxNumber: 7,
    handedOverAt: null,
    acknowledgedAt: null,
    processingStatus: null,
    requestState: null,
    mayHaveLeft: false,
    remoteId: null,
    reason: null,
  },
})
