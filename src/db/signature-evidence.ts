import type { EvidenceFacts, EvidenceItem } from '../domain/evidence-item.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'
import type { Belonging } from './write-documents.ts'
import { rowsInto } from './write-rows.ts'
import type { Writing } from './write-together.ts'

const DOCUMENT_EVIDENCE = rowsInto({
  name: 'document-evidence',
  table: 'document_evidence',
  columns: { document_id: 'uuid', sha256: 'text' },
})

/** Names what documents' signatures were judged by. */
export const writeDocumentEvidence = (of: readonly Belonging<Pick<EvidenceItem, 'sha256'>>[]): Writing =>
  DOCUMENT_EVIDENCE(
    of.flatMap(({ document, items }) => items.map(({ sha256 }) => ({ document_id: document, sha256 }))),
  )

/** Keeps items, each once; what is kept already is not kept again. */
export function writeEvidence(items: readonly EvidenceItem[]): Writing {
  // In one order for all: two transactions that bring the same new items wait for each other only one way.
  const sorted = [...new Map(items.map((item) => [item.sha256, item])).values()].sort((a, b) =>
    a.sha256 < b.sha256 ? -1 : 1,
  )
  return {
    name: 'evidence',
    text: `insert into signature_evidence (sha256, kind, der)
      select * from unnest($1::text[], $2::text[], $3::bytea[]) as given (sha256, kind, der)
      where not exists (select from signature_evidence as known where known.sha256 = given.sha256)
      on conflict do nothing`,
    values: [
      sorted.map(({ sha256 }) => sha256),
      sorted.map(({ kind }) => kind),
      sorted.map(({ der }) => Buffer.from(der)),
    ],
  }
}

/** What is kept for a document, without its bytes, in a fixed order. */
export async function listEvidence(db: Queryable, document: DocumentKey): Promise<EvidenceFacts[]> {
  const { rows } = await db.query<EvidenceFacts>(
    `select kind, sha256, length(der) as length from document_evidence join signature_evidence using (sha256)
      where document_id = $1 order by kind, sha256`,
    [document],
  )
  return rows
}

/** The same with its bytes. */
export async function findEvidence(db: Queryable, document: DocumentKey): Promise<EvidenceItem[]> {
  const { rows } = await db.query<EvidenceItem>(
    `select kind, sha256, length(der) as length, der from document_evidence join signature_evidence using (sha256)
      where document_id = $1 order by kind, sha256`,
    [document],
  )
  return rows
}
