import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { type SigningKey, signingKey } from '../src/signature/keys/load-key.ts'
import { parseCertificate } from '../src/signature/x509/certificate.ts'
import { NAME } from '../src/signature/x509/name.ts'
import { rsaKeys } from './rsa-keys.ts'

interface Profile {
  readonly ca?: { readonly pathLength: number }
  /** First octet of the KeyUsage bit string (RFC 5280 §4.2.1.3): digitalSignature 0x80, nonRepudiation 0x40, ... */
  readonly keyUsage: number
  readonly extendedKeyUsage?: readonly string[]
  readonly days: number
}

const PKIX = '1.3.6.1.5.5.7.3'
const DIGITAL_SIGNATURE = 0x80
const NON_REPUDIATION = 0x40
const KEY_ENCIPHERMENT = 0x20
const CERT_AND_CRL_SIGN = 0x06

/** Subscribers get at most five years (Nghị định 68/2024/NĐ-CP art. 9). */
export const PROFILES = {
  root: { ca: { pathLength: 1 }, keyUsage: CERT_AND_CRL_SIGN, days: 20 * 365 },
  issuing: { ca: { pathLength: 0 }, keyUsage: CERT_AND_CRL_SIGN, days: 10 * 365 },
  signature: { keyUsage: DIGITAL_SIGNATURE | NON_REPUDIATION, days: 3 * 365 },
  timestamp: { keyUsage: DIGITAL_SIGNATURE, extendedKeyUsage: [`${PKIX}.8`], days: 5 * 365 },
  ocsp: { keyUsage: DIGITAL_SIGNATURE, extendedKeyUsage: [`${PKIX}.9`], days: 365 },
  'tls-server': {
    keyUsage: DIGITAL_SIGNATURE | KEY_ENCIPHERMENT,
    extendedKeyUsage: [`${PKIX}.1`],
    days: 365,
  },
  'tls-client': { keyUsage: DIGITAL_SIGNATURE, extendedKeyUsage: [`${PKIX}.2`], days: 365 },
} as const satisfies Record<string, Profile>

export type Subject = readonly (readonly [oid: string, value: string])[]

export interface IssueOptions {
  readonly subject: Subject
  readonly profile: keyof typeof PROFILES
  /** OIDs in place of those of the profile. */
  readonly extendedKeyUsage?: readonly string[]
  /** RSA-2048 unless told. RSA-1024 is for tests that must fail. */
  readonly key?: 'rsa' | 'p256' | 'ed25519' | 'rsa-1024'
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** DNS names; `localhost` brings the loopback addresses along. */
  readonly hosts?: readonly string[]
  /** Where the certificate's OCSP responder and its issuer's CRL are (RFC 5280 §4.2.2.1, §4.2.1.13). */
  readonly ocspUrl?: string
  readonly crlUrl?: string
}

const DAY = 24 * 60 * 60 * 1000

const GENERATE: Record<
  NonNullable<IssueOptions['key']>,
  () => { privateKey: KeyObject; publicKey: KeyObject }
> = {
  rsa: () => rsaKeys.make(),
  'rsa-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  p256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  ed25519: () => generateKeyPairSync('ed25519'),
}

/** Makes a key and its certificate, signed by `issuer` or by itself. The chain leaves the root out. */
export function issue(options: IssueOptions, issuer?: SigningKey): SigningKey {
  const { extendedKeyUsage } = options
  const profile: Profile = { ...PROFILES[options.profile], ...(extendedKeyUsage && { extendedKeyUsage }) }
  const { privateKey, publicKey } = GENERATE[options.key ?? 'rsa']()
  const certificate = new pkijs.Certificate()
  certificate.version = 2
  certificate.serialNumber = new asn1js.Integer({ valueHex: serialNumber() })
  certificate.subject = nameOf(options.subject)
  certificate.issuer = issuer ? parsed(issuer).subject : certificate.subject
  const notBefore = options.notBefore ?? new Date(Date.now() - DAY)
  certificate.notBefore = timeOf(notBefore)
  certificate.notAfter = timeOf(options.notAfter ?? new Date(notBefore.getTime() + profile.days * DAY))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  certificate.subjectPublicKeyInfo = pkijs.PublicKeyInfo.fromBER(new Uint8Array(spki))
  certificate.extensions = [
    ...extensionsOf(profile, publicKey, issuer, options.hosts ?? []),
    ...statusExtensions(options),
  ]
  const der = signCertificate(certificate, issuer?.key ?? privateKey)
  const above = issuer?.certificateChain.filter((one) => one.subjectDer !== one.issuerDer) ?? []
  return signingKey(privateKey, [parseCertificate(der), ...above])
}

const parsed = (key: SigningKey): pkijs.Certificate =>
  pkijs.Certificate.fromBER(new Uint8Array(key.certificateChain[0]!.der))

/** Positive, 16 octets (RFC 5280 §4.1.2.2). */
function serialNumber(): ArrayBuffer {
  const bytes = new Uint8Array(randomBytes(16))
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.buffer
}

/** One attribute per RDN, as every issuer writes it. */
function nameOf(subject: Subject): pkijs.RelativeDistinguishedNames {
  const parts = subject.map(([oid, value]) => {
    const text =
      oid === NAME.country ? new asn1js.PrintableString({ value }) : new asn1js.Utf8String({ value })
    const pair = new asn1js.Sequence({ value: [new asn1js.ObjectIdentifier({ value: oid }), text] })
    return new asn1js.Set({ value: [pair] })
  })
  const name = new asn1js.Sequence({ value: parts })
  return pkijs.RelativeDistinguishedNames.fromBER(name.toBER())
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5); whole seconds. */
function timeOf(date: Date): pkijs.Time {
  const value = new Date(Math.floor(date.getTime() / 1000) * 1000)
  return new pkijs.Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value })
}

function extensionsOf(
  profile: Profile,
  publicKey: KeyObject,
  issuer: SigningKey | undefined,
  hosts: readonly string[],
): pkijs.Extension[] {
  const extension = (extnID: string, critical: boolean, value: asn1js.BaseBlock) =>
    new pkijs.Extension({ extnID, critical, extnValue: value.toBER() })
  const { ca, keyUsage, extendedKeyUsage } = profile
  const constraints = new pkijs.BasicConstraints(
    ca ? { cA: true, pathLenConstraint: ca.pathLength } : { cA: false },
  )
  const usage = new asn1js.BitString({
    valueHex: new Uint8Array([keyUsage]).buffer,
    unusedBits: unusedBits(keyUsage),
  })
  const own = keyId(publicKey)
  const above = issuer ? keyId(issuer.certificateChain[0]!.publicKey) : own
  return [
    extension('2.5.29.19', true, constraints.toSchema()),
    extension('2.5.29.15', true, usage),
    extension('2.5.29.14', false, new asn1js.OctetString({ valueHex: own })),
    extension('2.5.29.35', false, authorityKeyId(above)),
    ...(extendedKeyUsage
      ? [
          extension(
            '2.5.29.37',
            true,
            new pkijs.ExtKeyUsage({ keyPurposes: [...extendedKeyUsage] }).toSchema(),
          ),
        ]
      : []),
    ...(hosts.length > 0 ? [extension('2.5.29.17', false, alternativeNames(hosts))] : []),
    // id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1): a responder need not be asked about itself.
    ...(profile.extendedKeyUsage?.includes(`${PKIX}.9`)
      ? [extension('1.3.6.1.5.5.7.48.1.5', false, new asn1js.Null())]
      : []),
  ]
}

/** AuthorityInfoAccess with id-ad-ocsp, and CRLDistributionPoints with one full name. */
function statusExtensions({ ocspUrl, crlUrl }: IssueOptions): pkijs.Extension[] {
  const extension = (extnID: string, value: asn1js.BaseBlock) =>
    new pkijs.Extension({ extnID, critical: false, extnValue: value.toBER() })
  const uri = (value: string) => new pkijs.GeneralName({ type: 6, value })
  const access = (url: string) =>
    new pkijs.InfoAccess({
      accessDescriptions: [
        new pkijs.AccessDescription({ accessMethod: '1.3.6.1.5.5.7.48.1', accessLocation: uri(url) }),
      ],
    }).toSchema()
  const points = (url: string) =>
    new pkijs.CRLDistributionPoints({
      distributionPoints: [new pkijs.DistributionPoint({ distributionPoint: [uri(url)] })],
    }).toSchema()
  return [
    ...(ocspUrl === undefined ? [] : [extension('1.3.6.1.5.5.7.1.1', access(ocspUrl))]),
    ...(crlUrl === undefined ? [] : [extension('2.5.29.31', points(crlUrl))]),
  ]
}

/** DER wants the trailing zero bits of a named bit list left out. */
const unusedBits = (octet: number): number => Math.log2(octet & -octet)

const keyId = (key: KeyObject): ArrayBuffer =>
  new Uint8Array(
    createHash('sha1')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest(),
  ).buffer

const authorityKeyId = (id: ArrayBuffer) =>
  new pkijs.AuthorityKeyIdentifier({ keyIdentifier: new asn1js.OctetString({ valueHex: id }) }).toSchema()

function alternativeNames(hosts: readonly string[]) {
  const address = (bytes: number[]) =>
    new pkijs.GeneralName({
      type: 7,
      value: new asn1js.OctetString({ valueHex: new Uint8Array(bytes).buffer }),
    })
  const loopback = hosts.includes('localhost')
    ? [address([127, 0, 0, 1]), address([...Array(15).fill(0), 1])]
    : []
  const names = hosts.map((value) => new pkijs.GeneralName({ type: 2, value }))
  return new pkijs.GeneralNames({ names: [...names, ...loopback] }).toSchema()
}

function signCertificate(certificate: pkijs.Certificate, key: KeyObject): Uint8Array {
  const isRsa = key.asymmetricKeyType === 'rsa'
  const algorithm = () =>
    new pkijs.AlgorithmIdentifier({
      algorithmId: isRsa ? '1.2.840.113549.1.1.11' : '1.2.840.10045.4.3.2',
      ...(isRsa && { algorithmParams: new asn1js.Null() }),
    })
  certificate.signature = algorithm()
  certificate.signatureAlgorithm = algorithm()
  const value = sign('sha256', new Uint8Array(certificate.encodeTBS().toBER()), key)
  certificate.signatureValue = new asn1js.BitString({ valueHex: new Uint8Array(value).buffer })
  return new Uint8Array(certificate.toSchema(true).toBER())
}
