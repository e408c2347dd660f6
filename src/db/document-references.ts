import {
  type AgencyCode,
  type DocumentKey,
  documentKey,
  type EdxmlDocumentId,
} from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

export interface DocumentReference {
  /** Who may have sent it: the first of them that did is meant. */
  readonly senders: readonly AgencyCode[]
  readonly edxmlDocumentId?: EdxmlDocumentId
  /** `number/notation`, used where the reference holds no DocumentId. */
  readonly code?: string
  readonly promulgationDate?: string
}

/** The documents, sent by one agency, that a reference of edXML means: by DocumentId, else by number and notation. */
export async function findReferenced(db: Queryable, reference: DocumentReference): Promise<DocumentKey[]> {
  const { rows } = await db.query<{ id: string; sender: AgencyCode }>({
    name: 'find-referenced',
    text: `select id, sender_code as sender from document
      where kind = 'document' and operation in ('new', 'replace', 'update') and sender_code = any($1)
        and case when $2::text is not null then edxml_document_id = $2
          else code_number || '/' || code_notation = $3 and ($4::text is null or promulgation_date = $4) end
      order by accepted_at`,
    values: [
      reference.senders,
      reference.edxmlDocumentId ?? null,
      reference.code ?? null,
      reference.promulgationDate ?? null,
    ],
  })
  const sender = reference.senders.find((one) => rows.some((row) => row.sender === one))
  return rows.filter((row) => row.sender === sender).map((row) => documentKey(row.id))
}

/** Who sent some documents, each once. */
export async function findSenders(db: Queryable, documents: readonly DocumentKey[]): Promise<AgencyCode[]> {
  if (documents.length === 0) return []
  const { rows } = await db.query<{ sender: AgencyCode }>(
    'select distinct sender_code as sender from document where id = any($1)',
    [documents],
  )
  return rows.map(({ sender }) => sender)
}

/** Documents by DocumentId, each of one agency: of several that used an id, the first among these senders is meant. */
export async function findSentUnder(
  db: Queryable,
  senders: readonly AgencyCode[],
  ids: readonly EdxmlDocumentId[],
): Promise<Map<EdxmlDocumentId, DocumentKey[]>> {
  const { rows } = await db.query<{ edxml_document_id: string; sender: AgencyCode; ids: string[] }>(
    `select edxml_document_id, sender_code as sender, array_agg(id::text order by accepted_at, id) as ids from document
      where kind = 'document' and operation in ('new', 'replace', 'update')
        and sender_code = any($1) and edxml_document_id = any($2)
      group by edxml_document_id, sender_code order by array_position($1, sender_code) desc`,
    [senders, ids],
  )
  // The nearest sender comes last, and stays.
  return new Map(rows.map((row) => [row.edxml_document_id as EdxmlDocumentId, row.ids.map(documentKey)]))
}
