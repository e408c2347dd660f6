import { type KeyObject, sign } from 'node:crypto'
import type { Consignment } from './channel.ts'

/** What a notice says: that a document waits, and under which number. The same bytes at every attempt. */
export const noticeBody = ({ delivery }: Consignment): string =>
  JSON.stringify({
    type: 'delivery.available',
    timestamp: delivery.stateSince.toISOString(),
    data: { deliveryId: delivery.key, recipient: delivery.recipient, number: delivery.inboxNumber },
  })

/**
 * The headers of Standard Webhooks 1.0.0 ("Signature scheme", asymmetric `v1a`): Ed25519 over `id.timestamp.body`.
 * @param now Unix time in seconds
 */
export function noticeHeaders(key: KeyObject, id: string, body: string, now: number): Record<string, string> {
  const signature = sign(null, Buffer.from(`${id}.${now}.${body}`), key).toString('base64')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(now),
    'webhook-signature': `v1a,${signature}`,
  }
}
