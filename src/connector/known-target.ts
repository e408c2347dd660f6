import { findReferenced } from '../db/document-references.ts'
import type { Queryable } from '../db/pool.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import { predecessorsOf } from '../directory/snapshot/succession-line.ts'
import type { DocumentEnvelope, Envelope, StatusEnvelope } from '../domain/envelope.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { isStatusCode, STATUS_CODES } from '../domain/status-code.ts'

interface Target {
  /** The spelling of who sent what the packet speaks of. */
  readonly author: string
  readonly edxmlDocumentId?: DocumentEnvelope['documentId']
  readonly code?: string
  readonly promulgationDate?: string
}

/** How long a packet waits for what it speaks of, and whether it is handed in all the same afterwards. */
export interface Patience {
  readonly seconds: number
  readonly thenHandedIn: boolean
}

const DAY = 24 * 60 * 60

/** A recall that speaks of nothing known may speak of what came another way, and is passed on; a status tells nobody anything. */
export const patienceFor = ({ kind }: Envelope): Patience =>
  kind === 'status' ? { seconds: DAY, thenHandedIn: false } : { seconds: 10 * 60, thenHandedIn: true }

/** Whether what a packet speaks of has come through this gateway; true for packets that speak of nothing. */
export async function isTargetKnown(
  db: Queryable,
  directory: DirectorySnapshot,
  day: string,
  envelope: Envelope,
): Promise<boolean> {
  const target = envelope.kind === 'status' ? reportedBy(envelope) : changedBy(envelope)
  if (target === undefined) return true
  const { author, ...reference } = target
  const senders = authorsOf(directory, day, author)
  // Intake tells of agencies that nobody knows.
  if (senders.length === 0) return true
  return (await findReferenced(db, { ...reference, senders })).length > 0
}

/** Whoever bears the spelling, or bore it, and those that they took over from. */
function authorsOf(directory: DirectorySnapshot, day: string, spelling: string): AgencyCode[] {
  const code = directory.codeOf(spelling, day)?.code
  const bearers = directory.aliasFacts(spelling).map(({ subject }) => subject)
  const authors = new Set(code === undefined ? bearers : [code, ...bearers])
  return [...new Set([...authors].flatMap((one) => [one, ...predecessorsOf(directory, one, day)]))]
}

function reportedBy({ from, responseFor, statusCode }: StatusEnvelope): Target | undefined {
  const { organId, documentId, code, promulgationDate } = responseFor
  const isBySender = isStatusCode(statusCode) && STATUS_CODES[statusCode].emittedBy === 'sender'
  const author = isBySender ? from.organId : organId
  if (author === undefined || (documentId === undefined && code === undefined)) return undefined
  return {
    author,
    ...(documentId !== undefined && { edxmlDocumentId: documentId }),
    ...(code !== undefined && { code }),
    ...(promulgationDate !== undefined && { promulgationDate }),
  }
}

function changedBy({ from, business, documentId }: DocumentEnvelope): Target | undefined {
  if (business.operation !== 'recall' && business.operation !== 'update') return undefined
  const target = business.documentId ?? documentId
  return target === undefined ? undefined : { author: from.organId, edxmlDocumentId: target }
}
