import { listDeliveries } from '../db/deliveries.ts'
import type { DocumentRecord } from '../db/documents.ts'
import type { Queryable } from '../db/pool.ts'
import { resolveParties } from '../directory/resolve-parties.ts'
import { changeable } from './changeable.ts'
import type { BusinessHeader, DocumentHeader } from './document-header.ts'

/** What a sender says of a change beside the document itself. */
export type ChangeFacts = Pick<BusinessHeader, 'reason' | 'staff' | 'paper' | 'receivers'> & {
  /** Only of a replacement: for whom the old document is replaced; for everybody where absent. */
  readonly organIds?: readonly string[]
}

/** A header whose `business` is still to be filled in by what it changes. */
export type ChangeHeader = Omit<DocumentHeader, 'business'> & { readonly business?: ChangeFacts }

/**
 * Makes update headers for a document: under its own DocumentId, with the change of its recipients worked out where
 * the sender does not tell it.
 * @throws GatewayError `target-unknown`
 */
export async function updateOf(
  db: Queryable,
  document: DocumentRecord,
): Promise<(header: ChangeHeader) => Promise<DocumentHeader>> {
  const { envelope, documentId } = changeable(document)
  const before = (await listDeliveries(db, document.key)).map(({ recipient }) => recipient)
  return async (header) => {
    const receivers = header.business?.receivers ?? (await receiverChanges(db, before, header))
    return {
      ...header,
      from: header.from ?? envelope.from,
      documentId: header.documentId ?? documentId,
      business: {
        operation: 'update',
        reason: header.business?.reason,
        documentId,
        updates: { documentInfo: true, documentReceiver: receivers.length > 0 },
        receivers,
        staff: header.business?.staff,
        paper: header.business?.paper,
      },
    }
  }
}

/** Against whom the document itself was sent to, not who holds it now: asked again, the answer is the same. */
async function receiverChanges(
  db: Queryable,
  before: readonly string[],
  { to }: ChangeHeader,
): Promise<NonNullable<BusinessHeader['receivers']>> {
  const parties = await resolveParties(
    db,
    to.map(({ organId }) => organId),
  )
  const after = to.map(({ organId }) => parties.get(organId)?.code ?? organId)
  const [had, has] = [new Set(before), new Set<string>(after)]
  return [
    ...before.filter((code) => !has.has(code)).map((organId) => ({ organId, change: 'removed' as const })),
    ...after.filter((code) => !had.has(code)).map((organId) => ({ organId, change: 'added' as const })),
  ]
}

/**
 * Makes replacement headers: a document of its own that takes the place of another.
 * @throws GatewayError `target-unknown`
 */
export function replacementOf(document: DocumentRecord): (header: ChangeHeader) => DocumentHeader {
  const { envelope, documentId } = changeable(document)
  return ({ business, ...header }) => ({
    ...header,
    from: header.from ?? envelope.from,
    business: {
      operation: 'replace',
      reason: business?.reason,
      staff: business?.staff,
      paper: business?.paper,
      replacements: [{ documentId, organIds: business?.organIds }],
    },
  })
}
