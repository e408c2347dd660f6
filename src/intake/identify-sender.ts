import { hasDelegation } from '../db/agencies.ts'
import type { Pool } from '../db/pool.ts'
import { resolveAddress } from '../directory/snapshot/resolve-address.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import { predecessorsOf } from '../directory/snapshot/succession-line.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyOnDay } from '../domain/directory/resolution.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
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
 * The caller must be the agency that the packet names as its sender, hold a recorded delegation of it, or have taken
 * over from it.
 * @throws GatewayError `sender-mismatch`, `sender-closed`
 */
export async function identifySender(
  { pool, registry: holder }: IntakeDependencies,
  document: PermittedDocument,
): Promise<IdentifiedDocument> {
  const { envelope, caller } = document
  const { now, registry } = await holder.asOfNow(pool)
  const { directory } = registry
  const day = vietnamDay(now)
  const code = directory.codeOf(envelope.from.organId, day)?.code
  const sender = code === undefined ? undefined : directory.agency(code, day)
  if (sender === undefined || !(await mayAct(pool, directory, caller, sender.code, day))) {
    throw senderMismatch(envelope.from.organId, caller.agency)
  }
  // An agency that has closed sends nothing new, but still reports on what it was sent, and takes back what it sent.
  if (introducesDocument(envelope) && !directory.isOpen(sender.code, day))
    throw senderClosed(directory, sender, day)
  return {
    ...document,
    now,
    day,
    registry,
    sender,
    speaksFor: [sender.code, ...predecessorsOf(directory, sender.code, day)],
    submissionKey: submissionKey(envelope, document.packet.sha256),
  }
}

/** The agency itself; or one, open itself, that took over from it or holds a delegation of it. */
async function mayAct(
  pool: Pool,
  directory: DirectorySnapshot,
  { agency }: Caller,
  sender: AgencyCode,
  day: string,
): Promise<boolean> {
  if (agency === null) return false
  if (agency === sender) return true
  if (!directory.isOpen(agency, day)) return false
  if (predecessorsOf(directory, agency, day).includes(sender)) return true
  return hasDelegation(pool, sender, agency, day)
}

function senderClosed(directory: DirectorySnapshot, { code, name }: AgencyOnDay, day: string): GatewayError {
  const found = resolveAddress(directory, code, { day, evenIfBounced: true })
  const heir = found.outcome === 'agency' ? found.agency : null
  const since = found.outcome === 'agency' ? (found.hops[0]?.on ?? null) : found.closedOn
  return new GatewayError('sender-closed', {
    detail: {
      vi: `${name} (${code}) đã kết thúc hoạt động từ ${since ?? 'chưa rõ'}, hoặc chưa bắt đầu.${heir === null ? '' : ` Cơ quan kế thừa: ${heir.name} (${heir.code}).`}`,
      en: `${name} (${code}) has been closed since ${since ?? 'an unknown day'}, or has not begun.${heir === null ? '' : ` Its successor is ${heir.name} (${heir.code}).`}`,
    },
  })
}

const senderMismatch = (named: string, caller: string | null): GatewayError =>
  new GatewayError('sender-mismatch', {
    detail: {
      vi: `Gói tin ghi nơi gửi là ${named}, hệ thống đang gọi thuộc ${caller ?? 'không cơ quan nào'}.`,
      en: `The packet names ${named} as its sender; the caller belongs to ${caller ?? 'no agency'}.`,
    },
  })
