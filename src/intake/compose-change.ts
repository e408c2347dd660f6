import { type DeliveryRecord, listDeliveries } from '../db/deliveries.ts'
import type { DocumentRecord } from '../db/documents.ts'
import type { Pool } from '../db/pool.ts'
import { type DirectoryDay, directoryOn } from '../directory/agencies.ts'
import type { RegistryHolder } from '../directory/snapshot/holder.ts'
import { predecessorsOf } from '../directory/snapshot/succession-line.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { changeable, organOf, refuseOtherMeant } from './changeable.ts'
import { spokenOf } from './choose-named.ts'
import type { BusinessHeader, DocumentHeader } from './document-header.ts'

/** What a sender says of a change beside the document itself. */
export type ChangeFacts = Pick<BusinessHeader, 'reason' | 'staff' | 'paper' | 'receivers'> & {
  /** Only of a replacement: for whom the old document is replaced; for everybody where absent. */
  readonly organIds?: readonly string[]
}

/** A header whose `business` is still to be filled in by what it changes. */
export type ChangeHeader = Omit<DocumentHeader, 'business'> & { readonly business?: ChangeFacts }

interface ChangeDependencies {
  readonly pool: Pool
  readonly registry: RegistryHolder
}

/**
 * Makes update headers for a document: under its own DocumentId, with the change of its recipients worked out where
 * the sender does not tell it.
 * @param agency in whose name it is updated: its sender, or who took over from it
 * @throws GatewayError `target-unknown`; `document-id-conflict` where the agency sent another document under its id
 */
export async function updateOf(
  dependencies: ChangeDependencies,
  document: DocumentRecord,
  agency: AgencyCode,
): Promise<(header: ChangeHeader) => Promise<DocumentHeader>> {
  const { envelope, documentId } = changeable(document)
  const before = await listDeliveries(dependencies.pool, document.key)
  const asked = await directoryOn(dependencies)
  await refuseOtherMeant(dependencies.pool, asked, document, agency, documentId)
  return async (header) => {
    const receivers = header.business?.receivers ?? receiverChanges(asked, before, header)
    return {
      ...header,
      from: header.from ?? organOf(asked, document, envelope, agency),
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
function receiverChanges(
  { directory, day }: DirectoryDay,
  before: readonly DeliveryRecord[],
  { to }: ChangeHeader,
): NonNullable<BusinessHeader['receivers']> {
  const had = before.map((delivery) => ({
    recipient: delivery.recipient,
    addressed: delivery.route.addressed ?? [],
  }))
  const spoken = spokenOf(had, (code) => predecessorsOf(directory, code, day))
  const after = to.map(({ organId }) => ({ organId, code: directory.codeOf(organId, day)?.code }))
  const found = after.map(({ organId, code }) => spoken({ spelling: organId, code }))
  const kept = new Set(found.flat())
  return [
    ...had
      .filter((delivery) => !kept.has(delivery))
      .map(({ recipient }) => ({ organId: recipient, change: 'removed' as const })),
    ...after
      .filter((_, index) => found[index]!.length === 0)
      .map(({ organId, code }) => ({ organId: code ?? organId, change: 'added' as const })),
  ]
}

/**
 * Makes replacement headers: a document of its own that takes the place of another.
 * @param agency in whose name it is replaced: its sender, or who took over from it
 * @throws GatewayError `target-unknown`; `document-id-conflict` where the agency sent another document under its id
 */
export async function replacementOf(
  dependencies: ChangeDependencies,
  document: DocumentRecord,
  agency: AgencyCode,
): Promise<(header: ChangeHeader) => DocumentHeader> {
  const { envelope, documentId } = changeable(document)
  const asked = await directoryOn(dependencies)
  await refuseOtherMeant(dependencies.pool, asked, document, agency, documentId)
  const from = organOf(asked, document, envelope, agency)
  return ({ business, ...header }) => ({
    ...header,
    from: header.from ?? from,
    business: {
      operation: 'replace',
      reason: business?.reason,
      staff: business?.staff,
      paper: business?.paper,
      replacements: [{ documentId, organIds: business?.organIds }],
    },
  })
}
