import { createHash } from 'node:crypto'
import { issue } from '../../scripts/issue-certificate.ts'
import { type CheckedSignature, passed } from '../../src/signature/checks.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import type { CheckedTimestamp, TimestampKind } from '../../src/signature/timestamp/checked-timestamp.ts'
import { checkToken } from '../../src/signature/timestamp/token.ts'
import type { TrustStore } from '../../src/signature/trust-store.ts'
import { NO_MATERIAL } from '../../src/signature/validation-material.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { makeCrl } from './fake-crl.ts'
import { type CertificateState, ocspResponseFor } from './fake-ocsp.ts'
import { tokenOver } from './fake-tsa.ts'

/** A day in UTC, `yyyy-MM-dd`. */
export const day = (text: string): Date => new Date(`${text}T00:00:00Z`)
const HOUR = 3_600_000

const named = (commonName: string) =>
  [
    [NAME.organization, 'Bộ Thử nghiệm'],
    [NAME.commonName, commonName],
  ] as const

const valid = (from: string, to: string) => ({ notBefore: day(from), notAfter: day(to) })

const root = issue({
  subject: named('Gốc thử nghiệm'),
  profile: 'root',
  ...valid('2020-01-01', '2060-01-01'),
})
const issuing = issue(
  { subject: named('CA thử nghiệm'), profile: 'issuing', ...valid('2020-01-01', '2030-01-01') },
  root,
)
const strange = issue({ subject: named('Gốc lạ'), profile: 'root', ...valid('2020-01-01', '2060-01-01') })

const stamper = (name: string, issuer: SigningKey, from: string, to: string): SigningKey =>
  issue({ subject: named(name), profile: 'timestamp', ...valid(from, to) }, issuer)

/**
 * Certificates with fixed dates: a root until 2060, an issuing CA until 2030, signers from 2025 until 2028, a TSA until
 * 2050 and one until 2028, a TSA of somebody else's.
 */
export const WORLD = {
  root,
  issuing,
  signer: issue(
    {
      subject: named('Bộ Thử nghiệm'),
      profile: 'signature',
      key: 'p256',
      ...valid('2025-01-01', '2028-01-01'),
    },
    issuing,
  ),
  weak: issue(
    {
      subject: named('Khóa ngắn'),
      profile: 'signature',
      key: 'rsa-1024',
      ...valid('2025-01-01', '2028-01-01'),
    },
    issuing,
  ),
  tls: issue(
    { subject: named('máy chủ'), profile: 'tls-server', ...valid('2025-01-01', '2028-01-01') },
    issuing,
  ),
  stranger: issue(
    { subject: named('Người lạ'), profile: 'signature', key: 'p256', ...valid('2025-01-01', '2028-01-01') },
    strange,
  ),
  tsa: stamper('TSA', root, '2020-01-01', '2050-01-01'),
  shortTsa: stamper('TSA 2028', root, '2020-01-01', '2028-01-01'),
  strangeTsa: stamper('TSA lạ', strange, '2020-01-01', '2050-01-01'),
} as const

export const TRUST: TrustStore = {
  anchors: [{ certificate: root.certificateChain[0]!, purposes: new Set(['signature', 'timestamp']) }],
  intermediates: [issuing.certificateChain[0]!],
}

const VALUE = Buffer.from('giá trị chữ ký')

/** The facts of a sound XAdES signature, and what a test changes of them. */
export const signed = (changes: Partial<CheckedSignature> = {}): CheckedSignature => {
  const signer = WORLD.signer.certificateChain[0]!
  return {
    format: 'xmldsig',
    state: 'valid',
    checks: [
      passed('digest'),
      passed('signature-value'),
      passed('signing-certificate'),
      passed('whole-document'),
    ],
    strong: true,
    valueIntact: true,
    references: [{ uri: '', intact: true }],
    coverage: 'whole',
    modifiedAfterSigning: false,
    signer,
    embedded: [signer],
    material: NO_MATERIAL,
    timestamps: [],
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'ecdsa-sha256',
    value: VALUE,
    ...changes,
  }
}

export interface StampOptions {
  readonly kind?: TimestampKind
  readonly tsa?: SigningKey
  readonly over?: Uint8Array
  readonly broken?: boolean
}

/** A real token, checked as the formats check it. */
export function stamped(genTime: Date, options: StampOptions = {}): CheckedTimestamp {
  const { kind = 'signature', tsa = WORLD.tsa, over = VALUE, broken = false } = options
  const der = tokenOver(over, tsa, { genTime, broken })
  return checkToken(der, kind, (hash) => createHash(hash).update(VALUE).digest())
}

/** An OCSP response of the issuing CA on the signer, good for an hour. */
export const ocsp = (state: CertificateState, thisUpdate: Date, hours = 1): Buffer =>
  ocspResponseFor(WORLD.signer.certificateChain[0]!, issuing.certificateChain[0]!, {
    responder: issuing,
    state,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + hours * HOUR),
  })

/** A CRL of the issuing CA, or of the root, good for a day. */
export const crl = (thisUpdate: Date, revokedAt?: Date, issuer: SigningKey = issuing): Buffer =>
  makeCrl(issuer, {
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + 24 * HOUR),
    revoked:
      revokedAt === undefined
        ? []
        : [
            {
              certificate: (issuer === root ? issuing : WORLD.signer).certificateChain[0]!,
              at: revokedAt,
            },
          ],
  })
