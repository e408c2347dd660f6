import { hasDelegation } from '../db/agencies.ts'
import { databaseNow } from '../db/now.ts'
import { resolveParties } from '../directory/resolve-parties.ts'
import { isOpenOn } from '../domain/agency.ts'
import type { Envelope } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import { submissionKey } from '../domain/submission-key.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import type { IdentifiedDocument, IntakeDependencies, PermittedDocument } from './submission.ts'

/**
 * The caller must be the agency that the packet names as its sender, or hold a recorded delegation of it.
 * @throws GatewayError `sender-mismatch`
 */
export async function identifySender(
  { pool }: IntakeDependencies,
  document: PermittedDocument,
): Promise<IdentifiedDocument> {
  const { envelope, caller } = document
  const [now, parties] = await Promise.all([databaseNow(pool), resolveParties(pool, spellingsIn(envelope))])
  const sender = parties.get(envelope.from.organId)
  const day = vietnamDay(now)
  const allowed =
    sender !== undefined &&
    isOpenOn(sender, day) &&
    caller.agency !== null &&
    (sender.code === caller.agency || (await hasDelegation(pool, sender.code, caller.agency, day)))
  if (!allowed) throw senderMismatch(envelope.from.organId, caller.agency)
  return { ...document, now, parties, sender, submissionKey: submissionKey(envelope, document.packet.sha256) }
}

function spellingsIn(envelope: Envelope): string[] {
  if (envelope.kind === 'status') {
    const { organId } = envelope.responseFor
    return organId === undefined ? [envelope.from.organId] : [envelope.from.organId, organId]
  }
  const { receivers, replacements } = envelope.business
  return [
    envelope.from.organId,
    ...envelope.to.map((recipient) => recipient.organId),
    ...receivers.map((receiver) => receiver.organId),
    ...replacements.flatMap((replacement) => replacement.organIds),
  ]
}

const senderMismatch = (named: string, caller: string | null): GatewayError =>
  new GatewayError('sender-mismatch', {
    detail: {
      vi: `Gói tin ghi nơi gửi là ${named}, hệ thống đang gọi thuộc ${caller ?? 'không cơ quan nào'}.`,
      en: `The packet names ${named} as its sender; the caller belongs to ${caller ?? 'no agency'}.`,
    },
  })
