import type { EvidenceItem, EvidenceKind } from '../domain/evidence-item.ts'
import type { AccompanyingFile } from '../signature/asic.ts'

/** File names as RFC 2585 §4, RFC 6960 §C.2 and RFC 3161 §3.2 have them. */
const EXTENSIONS: Record<EvidenceKind, string> = { certificate: 'cer', crl: 'crl', ocsp: 'ors', token: 'tst' }

/** What signatures were judged by, as files named by their digests. */
export const evidenceFiles = (items: readonly EvidenceItem[]): AccompanyingFile[] =>
  items.map(({ kind, sha256, der }) => ({ name: `evidence/${sha256}.${EXTENSIONS[kind]}`, bytes: der }))
