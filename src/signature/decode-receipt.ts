import type { AcceptanceReceipt } from '../domain/receipt.ts'

/** What a receipt of our own keeping says. Nothing is verified: this is for receipts read from our own database. */
export function decodeReceipt(jws: string): AcceptanceReceipt {
  const payload = jws.split('.')[1] ?? ''
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as AcceptanceReceipt
}
