import { GatewayError } from '../../domain/problem.ts'
import type { Operation } from '../operation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered so that it is on record who tried; no method of its path. */
    retired?: true
  }
}

/** Ways to change directory and routing table without a second person: there are none. */
const RETIRED = [
  ['POST', '/agencies'],
  ['PUT', '/agencies/:code'],
  ['DELETE', '/agencies/:code'],
  ['POST', '/agencies/:code/close'],
  ['PUT', '/agencies/:code/endpoint'],
  ['DELETE', '/agencies/:code/endpoint'],
  ['PUT', '/routing-table'],
  ['POST', '/routing-table/revisions'],
  ['POST', '/directory/revisions'],
] as const

/** Who tries to change something past its draft is refused by name, and the attempt is on record. */
export const retiredOperations: Operation = (app) => {
  for (const [method, url] of RETIRED)
    app.route({
      method,
      url,
      config: { retired: true },
      schema: { hide: true },
      // Before anything of a body is read; the caller is known by then.
      preParsing: async (_request, reply) => {
        reply.header('allow', url.endsWith('/close') ? '' : 'GET, HEAD')
        throw new GatewayError('draft-needed')
      },
      handler: async () => undefined,
    })
}
