import { createHash } from 'node:crypto'
import type { EvidenceItem, EvidenceKind } from '../../domain/evidence-item.ts'
import { sha256 } from '../../domain/identifiers.ts'
import { parseCertificates } from '../x509/certificate.ts'
import type { Evidence } from './evidence.ts'

/** What is kept for one document, in bytes: the largest CRLs of today, with room. */
export const MAX_EVIDENCE_BYTES = 64 * 1024 * 1024

/**
 * Evidence as it is kept: each item by its digest, once. The largest items are left out where there would be too much;
 * what came in the packet itself is kept with it.
 */
export function evidenceItems({ certificates, crls, ocsps, tokens }: Evidence): EvidenceItem[] {
  const of = (kind: EvidenceKind, ders: readonly Uint8Array[]) => ders.map((der) => toItem(kind, der))
  const items = [
    ...certificates.map(
      ({ der, sha256 }): EvidenceItem => ({ kind: 'certificate', sha256, length: der.length, der }),
    ),
    ...of('crl', crls),
    ...of('ocsp', ocsps),
    ...of('token', tokens),
  ]
  let left = MAX_EVIDENCE_BYTES
  return [...new Map(items.map((item) => [item.sha256, item])).values()]
    .sort((a, b) => a.length - b.length)
    .filter(({ length }) => {
      left -= length
      return left >= 0
    })
}

const toItem = (kind: EvidenceKind, der: Uint8Array): EvidenceItem => ({
  kind,
  sha256: sha256(createHash('sha256').update(der).digest('hex')),
  length: der.length,
  der,
})

/** Kept evidence as the verifier takes it. */
export function evidenceFrom(items: readonly EvidenceItem[]): Evidence {
  const of = (kind: EvidenceKind) => items.filter((item) => item.kind === kind).map(({ der }) => der)
  return {
    certificates: parseCertificates(of('certificate')),
    crls: of('crl'),
    ocsps: of('ocsp'),
    tokens: of('token'),
  }
}
