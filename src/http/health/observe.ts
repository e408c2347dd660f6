import type { FastifyInstance } from 'fastify'
import { OAuthError } from '../auth/oauth-error.ts'
import { toGatewayError } from '../problem.ts'
import type { EarlyRefusal } from '../refuse-early.ts'
import type { Metrics } from './metrics.ts'

/** The operation whose outcomes are counted as submissions. */
export const SUBMISSION_OPERATION = 'submitDocument'

/** Counts what is answered, and logs one line for each answer: by route, never by URL, which may hold what people seek. */
export function observe(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onError', async (request, _reply, error) => {
    const { code } = error instanceof OAuthError ? error : toGatewayError(error)
    metrics.problems.inc({ code })
    if (operationOf(request.routeOptions.schema) === SUBMISSION_OPERATION) {
      metrics.submissions.inc({ outcome: 'refused', problem: code })
    }
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    const status = reply.statusCode
    metrics.httpDuration.observe({ method, route, status }, reply.elapsedTime / 1000)
    if (operationOf(request.routeOptions.schema) === SUBMISSION_OPERATION && status < 300) {
      metrics.submissions.inc({ outcome: 'accepted', problem: '' })
    }
    const milliseconds = Math.round(reply.elapsedTime)
    request.log.info({ method, route, status, milliseconds, clientId: request.caller?.clientId }, 'answered')
    done()
  })
}

/** Counts what is refused before a route is looked for; there is no line in the log for it, which would cost more than it. */
export const observeEarlyRefusals =
  (metrics: Metrics) =>
  ({ code, status, method, handsIn, seconds }: EarlyRefusal): void => {
    metrics.problems.inc({ code })
    metrics.httpDuration.observe({ method, route: 'refused-early', status }, seconds)
    if (handsIn) metrics.submissions.inc({ outcome: 'refused', problem: code })
  }

const operationOf = (schema: { readonly operationId?: string } | undefined): string | undefined =>
  schema?.operationId
