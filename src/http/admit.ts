import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Admission } from '../admission/admission.ts'
import type { RateAnswer } from '../admission/token-leases.ts'
import { tooOften } from '../admission/words.ts'
import type { ApiContext } from '../context.ts'
import type { IntakeDependencies } from '../intake/submission.ts'

/** RFC 9218: `u=0` is the most urgent. */
const MOST_URGENT = /(?:^|,)\s*u=0\s*(?:,|;|$)/
const MINUTE = 60

export const isMostUrgent = (priority: string | string[] | undefined): boolean =>
  MOST_URGENT.test(String(priority ?? ''))

/** What is handed in: a document, or a notice of one (status, recall), which may use the reserve and has places of its own. */
export type Kind = 'document' | 'notice'

export type Admit = <T>(request: FastifyRequest, work: () => Promise<T>, kind?: Kind) => Promise<T>

/** Lets requests in by the rules of `Admission`, from what their headers say. */
export const admitter =
  (admission: Admission): Admit =>
  (request, work, kind = 'document') =>
    admission.admit(
      {
        caller: request.caller,
        bytes: bytesOf(request),
        urgent: kind === 'notice' || isMostUrgent(request.headers.priority),
        notice: kind === 'notice',
      },
      work,
    )

function bytesOf({ headers }: FastifyRequest): number | null {
  const length = headers['content-length']
  return length === undefined ? null : Number(length)
}

/** RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers. @param quota requests in one minute */
export const rateLimitHeaders = (
  quota: number,
  { remaining, seconds }: Pick<RateAnswer, 'remaining' | 'seconds'>,
): Record<string, string> => ({
  'ratelimit-policy': `"requests";q=${quota};w=${MINUTE}`,
  ratelimit: `"requests";r=${remaining};t=${seconds}`,
})

/**
 * The preParsing hook that counts requests of agencies, over all processes, and tells each what is left. Throws
 * GatewayError `rate-limited`.
 */
export const countRequests =
  (admission: Admission) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.caller?.role !== 'agency') return
    const { caller } = request
    const quota = admission.limitsFor(caller).requestsPerMinute
    const answer = await admission.countRequest(caller)
    reply.headers(rateLimitHeaders(quota, answer))
    if (!answer.allowed) throw tooOften(caller.agency ?? caller.clientId, quota, answer)
  }

/** What intake works with for this caller: his agency's packets may have to be smaller than others'. */
export function intakeFor(context: ApiContext, { caller }: FastifyRequest): IntakeDependencies {
  const { packetBytes } = context.admission.limitsFor(caller)
  if (packetBytes >= context.packetLimits.packetBytes) return context
  return { ...context, packetLimits: { ...context.packetLimits, packetBytes } }
}
