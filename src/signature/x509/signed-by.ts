import type { Certificate } from './certificate.ts'
import { Lru } from './lru.ts'
import { checkSignedData, type Fit } from './signed-data.ts'
import type { SubjectKey } from './subject-key.ts'

/** Signatures of certificates that were verified before: by key and certificate, both by SHA-256. */
const VERIFIED = new Lru<string, Fit>(10_000)

const pair = (certificate: Certificate, key: SubjectKey): string => `${key.id}${certificate.sha256}`

/** The last answer for a certificate: mostly the only one, and found without writing its name. */
const LAST = new WeakMap<Certificate, { readonly id: string; readonly fit: Fit }>()

/** Whether the answer is at hand without any cryptography. */
export const isKnownPair = (certificate: Certificate, key: SubjectKey): boolean =>
  LAST.get(certificate)?.id === key.id || VERIFIED.get(pair(certificate, key)) !== undefined

/** Whether the certificate is signed with the key. */
export function isSignedBy(certificate: Certificate, key: SubjectKey): Fit {
  const last = LAST.get(certificate)
  if (last?.id === key.id) return last.fit
  const name = pair(certificate, key)
  const fit =
    VERIFIED.get(name) ?? checkSignedData(certificate.signedWith, key, certificate.tbs, certificate.signature)
  VERIFIED.set(name, fit)
  LAST.set(certificate, { id: key.id, fit })
  return fit
}
