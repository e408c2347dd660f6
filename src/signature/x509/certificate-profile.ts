import { type Certificate, isSelfIssued } from './certificate.ts'
import { EXTENSION } from './extensions.ts'

type Rule = (one: Certificate, isAnchor: boolean) => boolean

const isCritical = (one: Certificate, oid: string): boolean => one.criticalExtensions.includes(oid)

/** What no certificate in real use shows. */
const ALWAYS: Readonly<Record<string, Rule>> = {
  'critical authorityKeyIdentifier (§4.2.1.1)': (one) => isCritical(one, EXTENSION.authorityKeyId),
  'critical subjectKeyIdentifier (§4.2.1.2)': (one) => isCritical(one, EXTENSION.subjectKeyId),
  'no issuer (§4.1.2.4)': (one) => one.issuerName.rdns.length === 0,
  'CA without subject (§4.1.2.6)': (one) => one.isCa && one.subjectName.rdns.length === 0,
}

/**
 * What RFC 5280 §4 demands of those who issue certificates and leaves validators free to overlook, by its words here.
 * Many certificates in real use break one of them without harm.
 */
const STRICT: Readonly<Record<string, Rule>> = {
  'no authorityKeyIdentifier (§4.2.1.1)': (one, isAnchor) =>
    !isAnchor && !isSelfIssued(one) && one.extensions.authorityKeyId?.keyId === undefined,
  'CA without subjectKeyIdentifier (§4.2.1.2)': (one) => one.isCa && one.subjectKeyId === undefined,
  'basicConstraints of a CA not critical (§4.2.1.9)': (one) =>
    one.isCa && !isCritical(one, EXTENSION.basicConstraints),
  'keyCertSign without CA (§4.2.1.9)': (one) => !one.isCa && one.keyUsage?.has('keyCertSign') === true,
  'policyConstraints not critical (§4.2.1.11)': (one) =>
    one.extensions.policyConstraints !== undefined && !isCritical(one, EXTENSION.policyConstraints),
  'nameConstraints not critical (§4.2.1.10)': (one) =>
    one.extensions.nameConstraints !== undefined && !isCritical(one, EXTENSION.nameConstraints),
  'serial number longer than 20 octets (§4.1.2.2)': ({ serialBytes }) => serialBytes.length > 20,
  'no subject, subjectAltName not critical (§4.2.1.6)': (one) =>
    one.subjectName.rdns.length === 0 && !isCritical(one, EXTENSION.subjectAltName),
  'serial number not positive (§4.1.2.2)': ({ x509 }) => /^(-|0*$)/.test(x509.serialNumber),
  'path length without CA (§4.2.1.9)': (one) => !one.isCa && one.pathLength !== undefined,
}

/** The rules that a certificate breaks, by their words. */
export const profileFaults = (
  one: Certificate,
  profile: 'strict' | 'tolerant',
  isAnchor: boolean,
): string[] =>
  [...Object.entries(ALWAYS), ...(profile === 'strict' ? Object.entries(STRICT) : [])]
    .filter(([, isBroken]) => isBroken(one, isAnchor))
    .map(([words]) => words)
