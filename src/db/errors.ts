import { GatewayError } from '../domain/problem.ts'

// PostgreSQL classes: 08 connection, 53 resources, 57P shutdown; then the codes of Node's sockets.
const UNAVAILABLE = /^(08...|53...|57P0[1-5]|25P0[23]|ECONN.*|ENOTFOUND|EPIPE|ETIMEDOUT|ENOENT)$/
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed/

/** Turns an error that means "the database is not there" into `database-unavailable`; others pass as they are. */
export function databaseError(error: unknown): unknown {
  if (error instanceof GatewayError || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!UNAVAILABLE.test(code) && !UNAVAILABLE_MESSAGE.test(error.message)) return error
  return new GatewayError('database-unavailable', { cause: error, retryAfter: 5 })
}

/** The name of the unique constraint that an INSERT broke, or undefined. */
export function violatedUnique(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') return undefined
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : ''
}
