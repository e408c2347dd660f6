import type { Hop } from '../domain/axis/hop.ts'
import { type DocumentKey, type Sha256, sha256 } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** What another exchange is told of a packet. */
export interface OutgoingDocument {
  readonly kind: 'document' | 'status'
  /** From, as the packet spells it. */
  readonly from: string
  readonly packetSha256: Sha256
  readonly packetLength: number
  /** The exchanges that it passed before this one, beside those of its TraceHeaders. */
  readonly hops: readonly Hop[]
  /** When the packet first came in: each hand-in of it leaves with the same bytes. */
  readonly firstAcceptedAt: Date
}

interface Row {
  kind: 'document' | 'status'
  from_code: string
  packet_sha256: string
  packet_length: number
  hops: Hop[]
  first_accepted_at: Date
}

/** @throws Error where there is no such document: deliveries name those that are there */
export async function findOutgoing(db: Queryable, document: DocumentKey): Promise<OutgoingDocument> {
  const { rows } = await db.query<Row>({
    name: 'find-outgoing',
    text: `select document.kind, coalesce(document.envelope #>> '{from,organId}', document.sender_code) as from_code,
        document.packet_sha256, document.packet_length, document.hops,
        (select min(part.accepted_at) from document as part
          where part.sender_code = document.sender_code
            and (part.submission_key = coalesce(document.part_of, document.submission_key)
              or part.part_of = coalesce(document.part_of, document.submission_key))) as first_accepted_at
      from document where document.id = $1`,
    values: [document],
  })
  const row = rows[0]
  if (row === undefined) throw new Error(`there is no document ${document}`)
  return {
    kind: row.kind,
    from: row.from_code,
    packetSha256: sha256(row.packet_sha256),
    packetLength: row.packet_length,
    hops: row.hops,
    firstAcceptedAt: row.first_accepted_at,
  }
}
