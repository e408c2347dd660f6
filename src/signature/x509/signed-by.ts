import type { Certificate } from './certificate.ts'
import { Lru } from './lru.ts'
import { checkSignedData, type Fit } from './signed-data.ts'
import type { SubjectKey } from './subject-key.ts'

/** Signatures of certificates that were verified before: by key and certificate, both by SHA-256. */
const VERIFIED = new Lru<string, Fit>(10_000)

const pair = (certificate: Certificate, key: SubjectKey): string => `${key.id}${certificate.sha256}`

/** Whether the answer is at hand without any cryptography. */
export const isKnownPair = (certificate: Certificate, key: SubjectKey): boolean =>
  VERIFIED.get(pair(certificate, key)) !== undefined

/** Whether the certificate is signed with the key. */
export function isSignedBy(certificate: Certificate, key: SubjectKey): Fit {
  const name = pair(certificate, key)
  const known = VERIFIED.get(name)
  if (known !== undefined) return known
  const fit = checkSignedData(certificate.signedWith, key, certificate.tbs, certificate.signature)
  VERIFIED.set(name, fit)
  return fit
}
