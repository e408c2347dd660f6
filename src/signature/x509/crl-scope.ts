import type { Certificate } from './certificate.ts'
import type { Crl } from './crl.ts'
import { DerError } from './der.ts'
import { ALL_REASONS, type DistributionPoint, pointKeys } from './distribution-point.ts'

/** The point of a certificate without cRLDistributionPoints: its issuer, for all reasons (RFC 5280 §6.3.3, at the end). */
const IMPLIED: DistributionPoint = { reasons: ALL_REASONS }

/** The reasons for which the CRL speaks of the certificate; 0 where it does not (RFC 5280 §6.3.3 (b), (d)). */
export function reasonsCovered(crl: Crl, certificate: Certificate): number {
  const points = certificate.extensions.crlDistributionPoints ?? [IMPLIED]
  return points.reduce((sum, point) => sum | reasonsAtPoint(crl, certificate, point), 0)
}

function reasonsAtPoint(crl: Crl, certificate: Certificate, point: DistributionPoint): number {
  if (!isByIssuer(crl, certificate, point)) return 0
  const { issuingPoint } = crl
  if (issuingPoint === undefined) return point.reasons
  if (!namesMatch(crl, certificate, point)) return 0
  if (issuingPoint.onlyAttributes) return 0
  if (issuingPoint.onlyUsers && certificate.isCa) return 0
  if (issuingPoint.onlyAuthorities && !certificate.isCa) return 0
  return point.reasons & issuingPoint.reasons
}

/** §6.3.3 (b) (1). A point that names a cRLIssuer leads to an indirect CRL of that issuer, and to no other. */
function isByIssuer(crl: Crl, certificate: Certificate, { crlIssuer }: DistributionPoint): boolean {
  if (crlIssuer === undefined) return crl.issuer.key === certificate.issuerName.key
  return crl.issuingPoint?.indirect === true && crlIssuer.some(({ name }) => name?.key === crl.issuer.key)
}

/** §6.3.3 (b) (2) (i). */
function namesMatch(crl: Crl, certificate: Certificate, point: DistributionPoint): boolean {
  const issuing = crl.issuingPoint?.name
  if (issuing === undefined) return true
  try {
    const names = new Set(pointKeys(issuing, crl.issuer))
    return ownNames(crl, certificate, point).some((key) => names.has(key))
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

function ownNames(crl: Crl, certificate: Certificate, point: DistributionPoint): string[] {
  const { name, crlIssuer } = point
  if (name !== undefined)
    return pointKeys(name, crlIssuer === undefined ? certificate.issuerName : crl.issuer)
  return crlIssuer?.map(({ key }) => key) ?? [`4:${certificate.issuerName.key}`]
}
