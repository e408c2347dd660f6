import type { FastifyReply } from 'fastify'
import type { ApiContext } from '../../context.ts'
import type { DraftDependencies } from '../../directory/drafts/dependencies.ts'
import { WITHOUT_CONNECTOR } from '../../domain/channel-id.ts'
import { goneAway } from '../gone-away.ts'

/** What drafts are judged and applied with in the API, as long as somebody waits for the answer. */
export const draftDependencies = (
  { pool, registry, config }: ApiContext,
  reply: Pick<FastifyReply, 'raw'>,
): DraftDependencies => ({
  pool,
  registry,
  usable: WITHOUT_CONNECTOR,
  allowHttp: config.push.allowHttp,
  signal: goneAway(reply),
})
