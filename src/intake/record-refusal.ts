import { recordEvents } from '../audit/record-events.ts'
import type { Caller } from '../domain/caller.ts'
import { GatewayError, PROBLEMS } from '../domain/problem.ts'
import type { IntakeDependencies } from './submission.ts'

/**
 * Puts a refusal on record: who was refused, and the codes of what was wrong; nothing of the packet's content, which
 * may be the very reason of the refusal. Errors that are not the packet's fault are not refusals.
 */
export async function recordRefusal(
  { pool }: IntakeDependencies,
  caller: Caller,
  error: unknown,
): Promise<void> {
  if (!(error instanceof GatewayError) || PROBLEMS[error.code].status >= 500) return
  await recordEvents(pool, [
    {
      kind: 'submission-refused',
      actor: caller.clientId,
      agency: caller.agency,
      detail: { problem: error.code, faults: error.faults.map((fault) => fault.code) },
    },
  ])
}
