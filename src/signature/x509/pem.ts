import { type Certificate, parseCertificate } from './certificate.ts'

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g

/**
 * Reads every certificate of a file, PEM (one or several) or DER (one).
 * @throws Error where there is none, or one of them cannot be read
 */
export function readCertificates(file: Uint8Array): Certificate[] {
  if (file[0] === 0x30) return [parseCertificate(file)]
  const found = [...Buffer.from(file).toString('latin1').matchAll(BLOCK)]
  if (found.length === 0) throw new Error('no certificate in the file')
  return found.map((block) => parseCertificate(Buffer.from(block[1]!, 'base64')))
}
