import type { EvidenceFacts, EvidenceItem } from '../domain/evidence-item.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'
import type { Writing } from './write-together.ts'

/** Keeps what a document's signatures were judged by. What is kept for another document is not kept again. */
export function writeEvidence(document: DocumentKey, items: readonly EvidenceItem[]): Writing[] {
  if (items.length === 0) return []
  // In one order for all: two transactions that bring the same new items wait for each other only one way.
  const sorted = [...items].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  const digests = sorted.map(({ sha256 }) => sha256)
  const kept: Writing = {
    name: 'evidence',
    text: `insert into signature_evidence (sha256, kind, der)
      select * from unnest($1::text[], $2::text[], $3::bytea[]) as given (sha256, kind, der)
      where not exists (select from signature_evidence as known where known.sha256 = given.sha256)
      on conflict do nothing`,
    values: [digests, sorted.map(({ kind }) => kind), sorted.map(({ der }) => Buffer.from(der))],
  }
  const named: Writing = {
    name: 'document-evidence',
    text: `insert into document_evidence (document_id, sha256) select $1::uuid, unnest($2::text[])`,
    values: [document, digests],
  }
  return [kept, named]
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
