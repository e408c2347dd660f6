import type { Notes } from '../checks.ts'
import { parseCertificates } from '../x509/certificate.ts'
import { type Ber, childrenOf, isContext, isUniversal, oidOf, TAG } from './ber.ts'
import { tagged } from './ber-der.ts'

/** Certificates, CRLs and OCSP responses, DER: what a file carries to judge its certificates by. */
export interface Evidence {
  readonly certificates: Uint8Array[]
  readonly crls: Uint8Array[]
  readonly ocsps: Uint8Array[]
}

/** As much as one file may bring; what comes after is left alone. */
const MAX_ITEMS = 200

export const noEvidence = (): Evidence => ({ certificates: [], crls: [], ocsps: [] })

const OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1'
const RI_OCSP_RESPONSE = '1.3.6.1.5.5.7.16.2'

/** RevocationInfoChoices (RFC 5652 §10.2.1, RFC 5940 §2): CRLs, and OCSP responses under two names. */
export function takeRevocations(choices: readonly Ber[], into: Evidence): void {
  for (const one of choices) {
    if (isUniversal(one, TAG.sequence)) take(into.crls, one.raw)
    if (!isContext(one, 1)) continue
    const [format, info] = childrenOf(one)
    if (info === undefined) continue
    if (oidOf(format) === RI_OCSP_RESPONSE) take(into.ocsps, info.raw)
    if (oidOf(format) === OCSP_BASIC) take(into.ocsps, wrapBasicOcsp(info.raw))
  }
}

/** An OCSPResponse (RFC 6960 §4.2.1) with status `successful` around a BasicOCSPResponse. */
export function wrapBasicOcsp(basic: Uint8Array): Buffer {
  const oid = Buffer.from('06092b0601050507300101', 'hex')
  const bytes = tagged(0x30, Buffer.concat([oid, tagged(0x04, basic)]))
  return tagged(0x30, Buffer.concat([Buffer.from('0a0100', 'hex'), tagged(0xa0, bytes)]))
}

export function take(into: Uint8Array[], item: Uint8Array): void {
  if (into.length < MAX_ITEMS) into.push(item)
}

/** Adds evidence to the notes, each item once. */
export function noteEvidence(notes: Notes, evidence: Evidence): void {
  const known = new Set(notes.embedded.map(({ sha256 }) => sha256))
  for (const one of parseCertificates(evidence.certificates)) {
    if (!known.has(one.sha256)) notes.embedded.push(one)
    known.add(one.sha256)
  }
  notes.crls = distinct([...notes.crls, ...evidence.crls])
  notes.ocsps = distinct([...notes.ocsps, ...evidence.ocsps])
}

const distinct = (items: readonly Uint8Array[]): Uint8Array[] => [
  ...new Map(items.map((one) => [Buffer.from(one).toString('latin1'), one])).values(),
]
