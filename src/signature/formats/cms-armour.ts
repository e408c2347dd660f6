const BEGIN = /^\s*-----BEGIN (PKCS7|PKCS #7 SIGNED DATA|CMS)-----\s*/

/**
 * Whether a file begins like a CMS in its textual form (RFC 7468 §8, §9).
 * @param head its first bytes
 */
export const looksArmoured = (head: Uint8Array): boolean => BEGIN.test(textOf(head.subarray(0, 64)))

/** The CMS itself, taken out of its textual form where it is in one. Undefined where that is not well-formed. */
export function unarmoured(bytes: Uint8Array): Uint8Array | undefined {
  if (!looksArmoured(bytes)) return bytes
  const text = textOf(bytes)
  const [whole, label] = BEGIN.exec(text) ?? []
  const end = text.indexOf(`-----END ${label}-----`)
  if (whole === undefined || end < 0 || text.slice(end).trim() !== `-----END ${label}-----`) return undefined
  const base64 = text.slice(whole.length, end).replace(/[ \t\r\n]+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined
  return Buffer.from(base64, 'base64')
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
