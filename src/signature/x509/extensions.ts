import { bodyOf, childrenOf, type Der, DerError, DerReader, readDer, TAG } from './der.ts'
import { bitAt, bitsOf, booleanOf, countOf, oidOf } from './der-values.ts'
import { type DistributionPoint, readDistributionPoints } from './distribution-point.ts'
import { type GeneralName, readGeneralNames } from './general-name.ts'
import { type NameConstraints, readNameConstraints } from './name-constraints-read.ts'

/** KeyUsage bits of RFC 5280 §4.2.1.3, by position. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof KEY_USAGES)[number]

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array
}

export interface Policies {
  readonly oids: readonly string[]
  /** Whether a qualifier is of a kind that RFC 5280 §4.2.1.4 does not name: nothing to worry about unless critical. */
  readonly unknownQualifier: boolean
}

export interface PolicyMapping {
  readonly issuer: string
  readonly subject: string
}

/** The extensions of RFC 5280 §4.2 that path validation reads; one that is absent is undefined. */
export interface CertificateExtensions {
  authorityKeyId?: {
    readonly keyId?: string
    readonly names?: readonly GeneralName[]
    readonly serial?: string
  }
  subjectKeyId?: string
  keyUsage?: ReadonlySet<KeyUsage>
  policies?: Policies
  policyMappings?: readonly PolicyMapping[]
  subjectAltNames?: readonly GeneralName[]
  basicConstraints?: { readonly ca: boolean; readonly pathLength?: number }
  nameConstraints?: NameConstraints
  policyConstraints?: { readonly requireExplicit?: number; readonly inhibitMapping?: number }
  extendedKeyUsage?: readonly string[]
  crlDistributionPoints?: readonly DistributionPoint[]
  inhibitAnyPolicy?: number
  freshestCrl?: readonly DistributionPoint[]
  /** id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1). */
  ocspNoCheck?: boolean
}

export const EXTENSION = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  policies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyId: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const

const MAX_EXTENSIONS = 100
const MAX_POLICIES = 2000

/** Reads `Extensions`, for certificates, CRLs and OCSP alike. @throws DerError also for an empty sequence */
export function readExtensions(value: Der): Extension[] {
  const found = childrenOf(value, MAX_EXTENSIONS).map((each) => {
    const reader = new DerReader(each)
    const oid = oidOf(reader.take(TAG.oid))
    const critical = reader.optional(TAG.boolean)
    const octets = reader.take(TAG.octetString)
    reader.finish()
    return { oid, critical: critical !== undefined && booleanOf(critical), value: bodyOf(octets) }
  })
  if (found.length === 0) throw new DerError('no extension')
  return found
}

type Reader = (into: CertificateExtensions, value: Der) => void

/** One row for each extension that is read. */
const READERS: Readonly<Record<string, Reader>> = {
  [EXTENSION.subjectKeyId]: (into, value) => {
    if (value.tag !== TAG.octetString) throw new DerError('subjectKeyIdentifier')
    into.subjectKeyId = hex(bodyOf(value))
  },
  [EXTENSION.authorityKeyId]: (into, value) => {
    into.authorityKeyId = readAuthorityKeyId(value)
  },
  [EXTENSION.keyUsage]: (into, value) => {
    if (value.tag !== TAG.bitString) throw new DerError('keyUsage')
    const { bytes } = bitsOf(value)
    into.keyUsage = new Set(KEY_USAGES.filter((_, index) => bitAt(bytes, index)))
  },
  [EXTENSION.subjectAltName]: (into, value) => {
    if (value.tag !== TAG.sequence) throw new DerError('subjectAltName')
    // An empty list is against the standard, harmless, and real.
    into.subjectAltNames = value.body === value.end ? [] : readGeneralNames(value)
  },
  [EXTENSION.issuerAltName]: () => {},
  [EXTENSION.basicConstraints]: (into, value) => {
    into.basicConstraints = readBasicConstraints(value)
  },
  [EXTENSION.nameConstraints]: (into, value) => {
    into.nameConstraints = readNameConstraints(value)
  },
  [EXTENSION.crlDistributionPoints]: (into, value) => {
    into.crlDistributionPoints = readDistributionPoints(value)
  },
  [EXTENSION.freshestCrl]: (into, value) => {
    into.freshestCrl = readDistributionPoints(value)
  },
  [EXTENSION.policies]: (into, value) => {
    into.policies = readPolicies(value)
  },
  [EXTENSION.policyMappings]: (into, value) => {
    into.policyMappings = readPolicyMappings(value)
  },
  [EXTENSION.policyConstraints]: (into, value) => {
    into.policyConstraints = readPolicyConstraints(value)
  },
  [EXTENSION.inhibitAnyPolicy]: (into, value) => {
    if (value.tag !== TAG.integer) throw new DerError('inhibitAnyPolicy')
    into.inhibitAnyPolicy = countOf(value)
  },
  [EXTENSION.extendedKeyUsage]: (into, value) => {
    if (value.tag !== TAG.sequence) throw new DerError('extKeyUsage')
    into.extendedKeyUsage = childrenOf(value, MAX_POLICIES).map(oidOf)
    if (into.extendedKeyUsage.length === 0) throw new DerError('extKeyUsage')
  },
  [EXTENSION.ocspNoCheck]: (into) => {
    into.ocspNoCheck = true
  },
}

export const isReadExtension = (oid: string): boolean => Object.hasOwn(READERS, oid)

/** Reads what is known of `extensions`. One that is malformed is named by its OID and counts as allowing nothing. */
export function readKnownExtensions(extensions: readonly Extension[]): {
  readonly known: CertificateExtensions
  readonly malformed: readonly string[]
} {
  const known: CertificateExtensions = {}
  const malformed: string[] = []
  for (const { oid, value } of extensions) {
    if (!isReadExtension(oid)) continue
    try {
      READERS[oid]!(known, readDer(value))
    } catch (error) {
      if (!(error instanceof DerError)) throw error
      malformed.push(oid)
    }
  }
  if (malformed.includes(EXTENSION.keyUsage)) known.keyUsage = new Set()
  if (malformed.includes(EXTENSION.extendedKeyUsage)) known.extendedKeyUsage = []
  return { known, malformed }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function readAuthorityKeyId(value: Der): CertificateExtensions['authorityKeyId'] {
  const reader = new DerReader(value)
  const keyId = reader.optional(0x80)
  const names = reader.optional(0xa1)
  const serial = reader.optional(0x82)
  reader.finish()
  return {
    ...(keyId && { keyId: hex(bodyOf(keyId)) }),
    ...(names && { names: readGeneralNames(names) }),
    ...(serial && { serial: hex(bodyOf(serial)) }),
  }
}

function readBasicConstraints(value: Der): { ca: boolean; pathLength?: number } {
  const reader = new DerReader(value)
  const ca = reader.optional(TAG.boolean)
  const pathLength = reader.optional(TAG.integer)
  reader.finish()
  return { ca: ca !== undefined && booleanOf(ca), ...(pathLength && { pathLength: countOf(pathLength) }) }
}

const KNOWN_QUALIFIERS = new Set(['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2'])

function readPolicies(value: Der): Policies {
  if (value.tag !== TAG.sequence) throw new DerError('certificatePolicies')
  const oids = new Set<string>()
  let unknownQualifier = false
  for (const information of childrenOf(value, MAX_POLICIES)) {
    const reader = new DerReader(information)
    const oid = oidOf(reader.take(TAG.oid))
    if (oids.has(oid)) throw new DerError('policy occurs twice')
    oids.add(oid)
    const qualifiers = reader.optional(TAG.sequence)
    reader.finish()
    for (const qualifier of qualifiers ? childrenOf(qualifiers, MAX_POLICIES) : []) {
      const kind = oidOf(new DerReader(qualifier).take(TAG.oid))
      unknownQualifier ||= !KNOWN_QUALIFIERS.has(kind)
    }
  }
  if (oids.size === 0) throw new DerError('no policy')
  return { oids: [...oids], unknownQualifier }
}

function readPolicyMappings(value: Der): PolicyMapping[] {
  if (value.tag !== TAG.sequence) throw new DerError('policyMappings')
  const mappings = childrenOf(value, MAX_POLICIES).map((each) => {
    const reader = new DerReader(each)
    const issuer = oidOf(reader.take(TAG.oid))
    const subject = oidOf(reader.take(TAG.oid))
    reader.finish()
    return { issuer, subject }
  })
  if (mappings.length === 0) throw new DerError('no mapping')
  return mappings
}

function readPolicyConstraints(value: Der): { requireExplicit?: number; inhibitMapping?: number } {
  const reader = new DerReader(value)
  const requireExplicit = reader.optional(0x80)
  const inhibitMapping = reader.optional(0x81)
  reader.finish()
  if (requireExplicit === undefined && inhibitMapping === undefined) throw new DerError('policyConstraints')
  return {
    ...(requireExplicit && { requireExplicit: countOf(requireExplicit) }),
    ...(inhibitMapping && { inhibitMapping: countOf(inhibitMapping) }),
  }
}
