import { hasDelegation } from '../db/agencies.ts'
import type { Pool } from '../db/pool.ts'
import { quickReads } from '../db/quick-reads.ts'
import { resolveAddress } from '../directory/snapshot/resolve-address.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import { predecessorsOf } from '../directory/snapshot/succession-line.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyOnDay } from '../domain/directory/resolution.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { submissionKey } from '../domain/submission-key.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { handedIn, partKey } from './handed-in.ts'
import {
  documentTypeNameOf,
  type IdentifiedDocument,
  type IntakeDependencies,
  introducesDocument,
  type TracedDocument,
} from './submission.ts'

/**
 * The caller must be the agency that the packet names as its sender, serve it, hold a recorded delegation of it, or have
 * taken over from it.
 * @throws GatewayError `sender-mismatch`, `sender-closed`
 */
export async function identifySender(
  { pool, registry: holder }: IntakeDependencies,
  document: TracedDocument,
): Promise<IdentifiedDocument> {
  const { envelope, caller } = document
  const { now, registry } = await holder.asOfNow(quickReads(pool))
  const { directory } = registry
  const day = vietnamDay(now)
  const code = directory.codeOf(envelope.from.organId, day)?.code
  const sender = code === undefined ? undefined : directory.agency(code, day)
  const acting = sender && (await actsFor(pool, directory, document, sender.code, day))
  if (sender === undefined || acting === undefined) throw senderMismatch(envelope.from.organId, caller)
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
    ...acting,
    ...keysOf(document, directory, day),
  }
}

function keysOf(
  { caller, envelope, packet, handedInFor, fromGateway }: TracedDocument,
  directory: DirectorySnapshot,
  day: string,
): Pick<IdentifiedDocument, 'handedIn' | 'wholeKey' | 'submissionKey'> {
  const isSure = fromGateway !== undefined || caller.role === 'gateway'
  const documentType = documentTypeNameOf(envelope)
  const some = handedIn(envelope, handedInFor, { directory, day, documentType, isSure })
  const wholeKey = submissionKey(envelope, packet.sha256)
  return { handedIn: some, wholeKey, submissionKey: some === null ? wholeKey : partKey(wholeKey, some.codes) }
}

/**
 * In whose name the caller sends: the agency itself, or a system that serves it; or one, open
 * itself, that took over from it or holds a delegation of it. Undefined where in nobody's.
 */
async function actsFor(
  pool: Pool,
  directory: DirectorySnapshot,
  { caller: { agency }, serves }: TracedDocument,
  sender: AgencyCode,
  day: string,
): Promise<Pick<IdentifiedDocument, 'delegate'> | undefined> {
  if (agency === sender || serves?.(directory, sender, day)) return { delegate: null }
  if (agency === null || !directory.isOpen(agency, day)) return undefined
  const isSuccessor = predecessorsOf(directory, agency, day).includes(sender)
  return isSuccessor || (await hasDelegation(pool, sender, agency, day)) ? { delegate: agency } : undefined
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

const senderMismatch = (named: string, { agency, clientId, role }: Caller): GatewayError =>
  new GatewayError('sender-mismatch', {
    detail:
      role === 'gateway'
        ? {
            vi: `Gói tin ghi nơi gửi là ${named}; ${clientId} không được chuyển văn bản thay nơi gửi này.`,
            en: `The packet names ${named} as its sender; ${clientId} may not bring documents in its name.`,
          }
        : {
            vi: `Gói tin ghi nơi gửi là ${named}, hệ thống đang gọi thuộc ${agency ?? 'không cơ quan nào'}.`,
            en: `The packet names ${named} as its sender; the caller belongs to ${agency ?? 'no agency'}.`,
          },
  })
