import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type EventFacts, recordEvents } from '../../audit/record-events.ts'
import type { ApiContext } from '../../context.ts'
import { findClient } from '../../db/clients.ts'
import type { Pool } from '../../db/pool.ts'
import { isClientId } from '../../directory/clients.ts'
import { type GatewayError, PROBLEMS, type ProblemCode } from '../../domain/problem.ts'
import { toGatewayError } from '../problem.ts'
import { OAuthError } from './oauth-error.ts'
import { RefusalBudget, type RefusalKind, type RefusedCaller } from './refusal-budget.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The client that a request names while it is not, or never, authenticated. */
    claimant: { readonly clientId: string; readonly isProven: boolean } | null
  }
}

const MINUTE_MS = 60_000
const STRANGER = 'unauthenticated'
const MOST_FAULTS = 20

/** Refusals that say: you are not who you say, or this is not for you. */
const ACCESS: ReadonlySet<ProblemCode> = new Set([
  'token-invalid',
  'client-invalid',
  'certificate-mismatch',
  'scope-insufficient',
  'delegation-missing',
])

/**
 * Puts on record who was refused access, and which changes administrators were refused: by codes, without content and
 * secrets, ten a minute of one caller; what is left out is told as a number. Whether this works changes no answer.
 */
export function recordRefusals(app: FastifyInstance, { pool, log }: Pick<ApiContext, 'pool' | 'log'>): void {
  const budget = new RefusalBudget()
  const record = (events: readonly EventFacts[]) =>
    recordEvents(pool, events).catch((error) => log.warn({ err: error }, 'a refusal could not be recorded'))
  const recordLeftOut = () => record(budget.drain().map(leftOutEvent))
  const timer = setInterval(recordLeftOut, MINUTE_MS).unref()
  app.decorateRequest('claimant', null)
  app.addHook('onError', async (request, _reply, thrown) => {
    const error = thrown instanceof OAuthError ? thrown : toGatewayError(thrown)
    const kind = kindOf(request, error)
    if (kind === undefined) return
    const caller = callerOf(request, kind)
    if (budget.take(caller)) await record([await refusalEvent(pool, request, caller, error)])
  })
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await recordLeftOut()
  })
}

function kindOf(request: FastifyRequest, error: OAuthError | GatewayError): RefusalKind | undefined {
  if (error instanceof OAuthError) return error.code === 'invalid_client' ? 'access-refused' : undefined
  if (ACCESS.has(error.code)) return 'access-refused'
  const isChange = request.caller?.role === 'admin' && !['GET', 'HEAD'].includes(request.method)
  const isRefusal = PROBLEMS[error.code].status < 500 && error.code !== 'rate-limited'
  return isChange && isRefusal ? 'admin-refused' : undefined
}

/** A client that was only named is not taken for the one who called. */
function callerOf({ caller, claimant, ip }: FastifyRequest, kind: RefusalKind): RefusedCaller {
  const clientId = caller?.clientId ?? (claimant?.isProven ? claimant.clientId : null)
  return { kind, clientId, agency: caller?.agency ?? null, address: normalizeIP(ip) }
}

async function refusalEvent(
  pool: Pool,
  request: FastifyRequest,
  caller: RefusedCaller,
  error: OAuthError | GatewayError,
): Promise<EventFacts> {
  const claimed = caller.clientId === null ? await existing(pool, request.claimant?.clientId) : null
  const detail = {
    ...whatWasWrong(error),
    method: request.method,
    route: request.routeOptions.url ?? null,
    address: caller.address,
    ...(claimed === null ? {} : { claimedClient: claimed }),
    ...(caller.kind === 'admin-refused' ? { target: request.params } : {}),
  }
  return { kind: caller.kind, actor: caller.clientId ?? STRANGER, agency: caller.agency, detail }
}

const whatWasWrong = (error: OAuthError | GatewayError) =>
  error instanceof OAuthError
    ? { problem: error.code, reason: error.message }
    : { problem: error.code, faults: error.faults.slice(0, MOST_FAULTS).map(({ code }) => code) }

/** Some send a secret where the id belongs: only the id of a client that there is goes on record. */
async function existing(pool: Pool, clientId: string | undefined): Promise<string | null> {
  if (clientId === undefined || !isClientId(clientId)) return null
  const found = await findClient(pool, clientId).catch(() => undefined)
  return found === undefined ? null : clientId
}

const leftOutEvent = ({ caller, count }: ReturnType<RefusalBudget['drain']>[number]): EventFacts => ({
  kind: caller.kind,
  actor: caller.clientId ?? STRANGER,
  agency: caller.agency,
  detail: { leftOut: count, address: caller.address },
})
