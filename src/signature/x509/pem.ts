import { KeyFault } from '../keys/key-fault.ts'
import { type Certificate, parseCertificate } from './certificate.ts'

const CERTIFICATE = /^(CA |X509 |TRUSTED )?CERTIFICATE( \d+)?$/

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array
}

/** The blocks of a PEM file, in order; text around them is skipped. What is not a whole block is none. */
export function pemBlocks(file: Uint8Array): PemBlock[] {
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1')
  const found: PemBlock[] = []
  const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const end = text.indexOf(`-----END ${match[1]!}-----`, begin.lastIndex)
    if (end < 0) break
    const body = text.slice(begin.lastIndex, end)
    begin.lastIndex = end
    if (/^[A-Za-z0-9+/=\s]+$/.test(body)) found.push({ label: match[1]!, der: Buffer.from(body, 'base64') })
  }
  return found
}

export const isCertificateBlock = ({ label }: PemBlock): boolean => CERTIFICATE.test(label)

/**
 * Reads every certificate of a file, PEM (one or several) or DER (one).
 * @throws Error where there is none, or one of them cannot be read
 */
export function readCertificates(file: Uint8Array): Certificate[] {
  if (file[0] === 0x30) return [parseCertificate(file)]
  const found = pemBlocks(file).filter(isCertificateBlock)
  if (found.length === 0) throw new KeyFault('certificate-none')
  return found.map(({ der }) => parseCertificate(der))
}
