import type { Certificate } from './certificate.ts'
import type { Crl } from './crl.ts'
import type { Freshness } from './freshness.ts'
import type { OcspResponse } from './ocsp.ts'
import type { RevocationAnswer } from './revocation.ts'
import type { SubjectKey } from './subject-key.ts'

/** The issuer of a certificate in its path, with its key, parameters and all. */
export interface Issuer {
  readonly certificate: Certificate
  readonly key: SubjectKey
}

/** What revocation of the certificates of one path is judged by. */
export interface RevocationContext {
  readonly crls: readonly Crl[]
  readonly ocsps: readonly OcspResponse[]
  /** Whether some of the material could not be read. */
  readonly unreadable: boolean
  readonly freshness: Freshness
  /** Certificates that may have signed CRLs or OCSP responses. */
  readonly help: readonly Certificate[]
  /** Whether a CRL issuer that is not the issuer in the path leads to the same anchor (RFC 5280 §6.3.3 (f)). */
  readonly isTrustedCrlIssuer: (one: Certificate) => boolean
}

/** Why nothing is known: the first reason that was come upon, for it stands for the newest information. */
export const unknown = (certificate: Certificate, whys: readonly string[]): RevocationAnswer => ({
  certificate,
  status: 'unknown',
  why: whys[0] ?? 'none-at-hand',
})
