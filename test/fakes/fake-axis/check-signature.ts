import { createHmac } from 'node:crypto'

/**
 * What is wrong with the signature of a request, in words; null where nothing is. Written from the captures of the
 * vendor's client alone.
 * @param raw names and values by turns
 */
export function wrongSignature(raw: readonly string[], systemId: string, secret: string): string | null {
  const headers = new Map<string, string>()
  for (let at = 0; at < raw.length; at += 2) headers.set(raw[at]!.toLowerCase(), raw[at + 1]!)
  const text = headers.get('xroadvnpt-sign-header')
  const names = headers.get('xroadvnpt-sign-header-key')?.split(';') ?? []
  if (text === undefined || names.length === 0) return 'not signed'
  const hash = createHmac('sha256', secret).update(Buffer.from(text, 'latin1')).digest('hex')
  if (headers.get('xroadvnpt-hash-header') !== hash) return 'hash-header differs'
  const signed = JSON.parse(text) as Record<string, string>
  for (const name of names) {
    const key = `XroadVnpt-${name}`
    if (signed[key] === undefined) return `${name} is not in sign-header`
    if (headers.get(key.toLowerCase()) !== signed[key]) return `${name} is not what was signed`
  }
  if (Object.keys(signed).length !== names.length) return 'sign-header has other names'
  if (signed['XroadVnpt-systemid'] !== systemId) return 'unknown system'
  return /^\d{8}T\d{6}\+\d{4}$/.test(signed['XroadVnpt-timestamp'] ?? '') ? null : 'no timestamp'
}
