import type { FastifyReply } from 'fastify'
import type { ApiContext } from '../../context.ts'
import type { DraftDependencies } from '../../directory/drafts/dependencies.ts'
import { goneAway } from '../gone-away.ts'

/** What drafts are judged and applied with in the API, as long as somebody waits for the answer. */
export const draftDependencies = (
  { pool, registry, config, usable }: ApiContext,
  reply: Pick<FastifyReply, 'raw'>,
): DraftDependencies => ({
  pool,
  registry,
  usable,
  allowHttp: config.push.allowHttp,
  signal: goneAway(reply),
})
