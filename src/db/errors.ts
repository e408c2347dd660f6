import { GatewayError } from '../domain/problem.ts'

// PostgreSQL classes: 08 connection, 53 resources, 57P shutdown; then the codes of Node's sockets.
const UNAVAILABLE =
  /^(08...|53...|57P0[1-5]|25P0[2-4]|ECONN.*|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|ENOENT)$/
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed/
/** The driver gave up waiting: whether the server still works on the statement is not known. */
const UNANSWERED_MESSAGE = /Query read timeout/
/** PostgreSQL has no room left: nothing of the statement was stored. */
const DISK_FULL = '53100'
// Serialisation failure, deadlock, lock not available, statement cancelled: the transaction lost a race, and may win the next.
const LOST_RACE = /^(40001|40P01|55P03|57014)$/

/**
 * Turns an error that means "not now" into `database-unavailable` or `storage-full`, which are safe to repeat; others pass
 * as they are.
 */
export function databaseError(error: unknown): unknown {
  if (error instanceof GatewayError || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (LOST_RACE.test(code)) return new GatewayError('database-unavailable', { cause: error, retryAfter: 1 })
  if (code === DISK_FULL) return new GatewayError('storage-full', { cause: error, retryAfter: 60 })
  return isOutage(error) ? new GatewayError('database-unavailable', { cause: error, retryAfter: 5 }) : error
}

/** Whether the database itself was away, rather than at odds with what it was asked: whoever asks now fares the same. */
export function isOutage(error: unknown): boolean {
  const cause = error instanceof GatewayError ? error.cause : error
  if (!(cause instanceof Error)) return false
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (code === DISK_FULL) return false
  return UNAVAILABLE.test(code) || UNAVAILABLE_MESSAGE.test(cause.message) || leftUnanswered(cause)
}

/** Whether a connection still waits for an answer: nothing more can be asked on it. */
export const leftUnanswered = (error: unknown): error is Error =>
  error instanceof Error && UNANSWERED_MESSAGE.test(error.message)

/** Whether a lock was waited for as long as was allowed (lock_not_available). */
export const waitedForLock = (error: unknown): boolean => {
  const cause = error instanceof GatewayError ? error.cause : error
  return cause instanceof Error && 'code' in cause && cause.code === '55P03'
}

/** data_corrupted and io_error: a page or a part of a value is damaged on PostgreSQL's disk. */
const DAMAGED_ROW = new Set(['XX001', '58030'])

/** Whether a row cannot be read. Nor can it be written over or removed then: both look at what they replace. */
export const isDamagedRow = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && DAMAGED_ROW.has(String(error.code))

/** Whether a row names another that is not there (foreign_key_violation). */
export const lacksReferenced = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23503'

/** Whether a table is named that a later migration brings (undefined_table). */
export const lacksTable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '42P01'
