import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ApiContext } from '../context.ts'
import type { Caller } from '../domain/caller.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; set by the door's authentication before a handler runs. */
    caller: Caller
  }
}

/** One audience's API: an encapsulated plugin with its own authentication and its own OpenAPI document. */
export type Door = FastifyPluginAsyncTypebox<{ readonly context: ApiContext }>
