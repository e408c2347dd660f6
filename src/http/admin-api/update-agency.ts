import { updateAgency as update } from '../../directory/agencies.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencyFacts, AgencySchema, CodeParam, draftOf, presentAgency } from './agency-schemas.ts'
import { entityTag, IfMatch, seenRevision } from './if-match.ts'

export const updateAgency: Operation = (app, { pool }) => {
  app.put(
    '/agencies/:code',
    {
      schema: {
        operationId: 'updateAgency',
        summary: 'Write the whole of an agency, if nobody else has changed it meanwhile',
        tags: ['agencies'],
        params: CodeParam,
        headers: IfMatch,
        body: AgencyFacts,
        response: { 200: AgencySchema, ...problemResponses('not-found', 'revision-conflict') },
      },
    },
    async ({ params, headers, body, caller }, reply) => {
      const agency = await update(pool, caller, draftOf(params.code, body), seenRevision(headers))
      return reply.header('etag', entityTag(agency.revision)).send(presentAgency(agency))
    },
  )
}
