import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from './certificate.ts'
import { type Crl, readCrl } from './crl.ts'
import { crlAnswer } from './crl-status.ts'
import { DerError } from './der.ts'
import { DEFAULT_MAX_AGE } from './freshness.ts'
import { type OcspResponse, readOcsp } from './ocsp.ts'
import { ocspAnswer } from './ocsp-status.ts'
import type { RevocationAnswer } from './revocation.ts'
import type { Issuer, RevocationContext } from './revocation-context.ts'

export interface RevocationSettings {
  /** The time at which the certificate was used. */
  readonly time: Date
  /** The latest time at which information may have been made; `time` unless given. */
  readonly revocationUntil?: Date
  /** Of information that names no nextUpdate, in milliseconds; 7 days unless given. */
  readonly maxRevocationAge?: number
}

const MAX_ITEMS = 200

/** Reads the CRLs and OCSP responses of the material once for all certificates of a path. */
export function revocationContext(
  material: ValidationMaterial,
  settings: RevocationSettings,
  help: readonly Certificate[],
  isTrustedCrlIssuer: RevocationContext['isTrustedCrlIssuer'],
): RevocationContext {
  const crls = material.crls.slice(0, MAX_ITEMS).map((der) => attempt(() => readCrl(der)))
  const ocsps = material.ocsps.slice(0, MAX_ITEMS).map((der) => attempt(() => basicOf(der)))
  const isRead = <T>(one: T | undefined): one is T => one !== undefined
  return {
    crls: crls.filter((one): one is Crl => isRead(one)),
    ocsps: ocsps.filter((one): one is OcspResponse => isRead(one)),
    unreadable: [...crls, ...ocsps].includes(undefined),
    freshness: {
      time: settings.time,
      until: settings.revocationUntil ?? settings.time,
      maxAge: settings.maxRevocationAge ?? DEFAULT_MAX_AGE,
    },
    help,
    isTrustedCrlIssuer,
  }
}

const READ = new WeakMap<Uint8Array, OcspResponse>()

/** The same bytes object is read once. */
function basicOf(der: Uint8Array): OcspResponse | undefined {
  const found = READ.get(der) ?? readOcsp(der).response
  if (found !== undefined) READ.set(der, found)
  return found
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

/**
 * What CRLs and OCSP responses together say of one certificate. Revoked where any valid source says so, even from a time
 * after the one asked for (`revokedAt` tells); unknown where a responder does not know it; good where one knows it.
 */
export function answerOf(
  certificate: Certificate,
  issuer: Issuer,
  context: RevocationContext,
): RevocationAnswer {
  const isRevoked = (responder: Certificate): boolean =>
    crlAnswer(responder, issuer, context).status === 'revoked'
  const [ocsp, crl] = [
    ocspAnswer(certificate, issuer, context, isRevoked),
    crlAnswer(certificate, issuer, context),
  ]
  const holdTakenBack =
    crl.reason === 'certificateHold' && ocsp.status === 'good' && ocsp.thisUpdate! > crl.thisUpdate!
  if (ocsp.status === 'revoked' || ocsp.why === 'unknown-to-responder') {
    return crl.status === 'revoked' && ocsp.status !== 'revoked' ? crl : ocsp
  }
  if (crl.status === 'revoked') return holdTakenBack ? ocsp : crl
  const isOutdone = ocsp.weak === true && crl.status === 'good' && crl.weak !== true
  if (ocsp.status === 'good' && !isOutdone) return ocsp
  if (crl.status === 'good') return crl
  return ocsp.why === 'none-at-hand' ? crl : ocsp
}

/** The same for one certificate on its own; CRLs by another than its issuer are not taken, for want of a path to them. */
export const revocationOf = (
  certificate: Certificate,
  issuer: Certificate,
  material: ValidationMaterial,
  settings: RevocationSettings,
): RevocationAnswer =>
  answerOf(
    certificate,
    { certificate: issuer, key: issuer.key },
    revocationContext(material, settings, material.certificates, () => false),
  )
