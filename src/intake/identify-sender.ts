import { type AgencyRecord, hasDelegation } from '../db/agencies.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { type Parties, resolveParties } from '../directory/resolve-parties.ts'
import { isOpenOn } from '../domain/agency.ts'
import type { Caller } from '../domain/caller.ts'
import type { Envelope } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import { submissionKey } from '../domain/submission-key.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import {
  type IdentifiedDocument,
  type IntakeDependencies,
  introducesDocument,
  type PermittedDocument,
} from './submission.ts'

/**
 * The caller must be the agency that the packet names as its sender, or hold a recorded delegation of it.
 * @throws GatewayError `sender-mismatch`, `sender-closed`
 */
export async function identifySender(
  { pool }: IntakeDependencies,
  document: PermittedDocument,
): Promise<IdentifiedDocument> {
  const { envelope, caller } = document
  const own = caller.agency === null ? [] : [caller.agency]
  const [now, parties] = await Promise.all([
    databaseNow(pool),
    resolveParties(pool, [...spellingsIn(envelope), ...own]),
  ])
  const sender = parties.get(envelope.from.organId)
  const day = vietnamDay(now)
  if (sender === undefined || !(await mayAct(pool, caller, sender, parties, day))) {
    throw senderMismatch(envelope.from.organId, caller.agency)
  }
  // An agency that has closed sends nothing new, but still reports on what it was sent, and takes back what it sent.
  if (introducesDocument(envelope) && !isOpenOn(sender, day)) throw senderClosed(sender)
  return { ...document, now, parties, sender, submissionKey: submissionKey(envelope, document.packet.sha256) }
}

/** The agency itself; or one, open itself, that holds a delegation of it. */
async function mayAct(
  pool: Pool,
  caller: Caller,
  sender: AgencyRecord,
  parties: Parties,
  day: string,
): Promise<boolean> {
  if (caller.agency === null) return false
  if (caller.agency === sender.code) return true
  const delegate = parties.get(caller.agency)
  return (
    delegate !== undefined && isOpenOn(delegate, day) && hasDelegation(pool, sender.code, delegate.code, day)
  )
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

const senderClosed = ({ code, name, validTo }: AgencyRecord): GatewayError =>
  new GatewayError('sender-closed', {
    detail: {
      vi: `${name} (${code}) đã kết thúc hoạt động từ ${validTo ?? 'chưa rõ'}, hoặc chưa bắt đầu.`,
      en: `${name} (${code}) has been closed since ${validTo ?? 'an unknown day'}, or has not begun.`,
    },
  })

const senderMismatch = (named: string, caller: string | null): GatewayError =>
  new GatewayError('sender-mismatch', {
    detail: {
      vi: `Gói tin ghi nơi gửi là ${named}, hệ thống đang gọi thuộc ${caller ?? 'không cơ quan nào'}.`,
      en: `The packet names ${named} as its sender; the caller belongs to ${caller ?? 'no agency'}.`,
    },
  })
