import type { SignatureFinding } from '../../domain/signature-report.ts'
import { NAME, type NamePart, namePart } from './name.ts'

const PERSON_ID = /^(CCCD|CMND|CMT|HC[:\s])|^(PNO|PAS|IDC)[A-Z]{2}-/i
const ORGANISATION_ID = /^(MST|MNS|MQHNS)|^(NTR|VAT)[A-Z]{2}-/i

/**
 * Whether a certificate is an agency's (seal) or a person's, from its subject. A convention, not a rule of law:
 * - the userId or serialNumber of Vietnamese certificates begins with the kind of id it holds: `CCCD:`, `CMND:` and
 *   `HC:` (passport) are persons; `MST:` (tax code), `MNS:` (budget code) are organisations;
 * - ETSI EN 319 412 prefixes (`PNOVN-`, `VATVN-`, ...) likewise; organizationIdentifier marks a seal;
 * - givenName, surname, title are a person's;
 * - an organisation without any of these is an agency where the common name is the organisation's or absent from it;
 * - anything else is unknown.
 * A person's mark goes before an organisation's: a wrong `agency` would raise a document's legal value.
 */
export function signerKind(subject: readonly NamePart[]): SignatureFinding['signerKind'] {
  const ids = subject
    .filter(({ oid }) => oid === NAME.userId || oid === NAME.serialNumber)
    .map(({ value }) => value.trim())
  const has = (...oids: string[]) => subject.some(({ oid }) => oids.includes(oid))
  if (ids.some((id) => PERSON_ID.test(id)) || has(NAME.givenName, NAME.surname, NAME.title)) return 'person'
  if (ids.some((id) => ORGANISATION_ID.test(id)) || has(NAME.organizationIdentifier)) return 'agency'
  const organisations = subject.filter(
    ({ oid }) => oid === NAME.organization || oid === NAME.organizationalUnit,
  )
  const commonName = namePart(subject, NAME.commonName)
  if (organisations.length === 0) return 'unknown'
  if (commonName === undefined || organisations.some(({ value }) => value === commonName)) return 'agency'
  return has(NAME.serialNumber) ? 'person' : 'unknown'
}

/**
 * Organisations that a subject names: every O and OU, and the common name where the certificate is an organisation's.
 * Each once, in that order.
 */
export function signerOrganisations(subject: readonly NamePart[]): string[] {
  const isAgency = signerKind(subject) === 'agency'
  const names = [NAME.organization, NAME.organizationalUnit, ...(isAgency ? [NAME.commonName] : [])]
    .flatMap((oid) => subject.filter((part) => part.oid === oid))
    .map(({ value }) => value.trim())
  return [...new Set(names)].filter((name) => name !== '')
}

/** The name to show: the common name, or the organisation's. */
export const signerName = (subject: readonly NamePart[]): string | undefined =>
  namePart(subject, NAME.commonName) ?? namePart(subject, NAME.organization)
