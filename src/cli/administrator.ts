import { recordEvents } from '../audit/record-events.ts'
import { CLIENT_SECRET, clientSecret } from '../config.ts'
import { findClient } from '../db/clients.ts'
import type { Pool } from '../db/pool.ts'
import type { Actor } from '../directory/drafts/dependencies.ts'
import { clientOfSecret } from '../directory/prove-client.ts'
import { GatewayError, type ProblemCode } from '../domain/problem.ts'
import { UsageError } from './usage-error.ts'
import { operator } from './with-database.ts'

/** The option by which a command says in whose name it writes. */
export const AS = { as: { type: 'string' } } as const

/** Whom a command names, and the secret that is to prove it. @throws UsageError where one of them is not given */
export function claimed(as: string | undefined): { readonly clientId: string; readonly secret: string } {
  const secret = clientSecret()
  if (as === undefined || as === '')
    throw new UsageError(
      '--as is not given: whoever writes a draft is an administrator, and never the one who approves it',
    )
  if (secret === undefined) throw new UsageError(`${CLIENT_SECRET} is not set: it holds the secret of ${as}`)
  return { clientId: as, secret }
}

/**
 * The administrator in whose name a draft is written, proven by the same secret as over HTTP; so who writes on the
 * command line cannot be the second person through the API. What is refused is put on record under the operator's name.
 * @throws GatewayError `client-invalid`, `certificate-mismatch`, `scope-insufficient`
 */
export async function administrator(
  pool: Pool,
  { clientId, secret }: ReturnType<typeof claimed>,
): Promise<Actor> {
  const client = await clientOfSecret(pool, clientId, secret)
  if (client === undefined || client.revokedAt !== null) throw await refused(pool, clientId, 'client-invalid')
  // A command has no connection to show a certificate on.
  if (client.certificate !== null) throw await refused(pool, clientId, 'certificate-mismatch')
  if (client.role !== 'admin') throw await refused(pool, clientId, 'scope-insufficient')
  return { clientId }
}

async function refused(pool: Pool, clientId: string, problem: ProblemCode): Promise<GatewayError> {
  // Some put a secret where the id belongs: only the id of a client that there is goes on record.
  const known = await findClient(pool, clientId)
  const detail = { problem, method: 'command-line', ...(known && { claimedClient: clientId }) }
  await recordEvents(pool, [{ kind: 'access-refused', actor: operator().clientId, detail }])
  return new GatewayError(problem)
}
