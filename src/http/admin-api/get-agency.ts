import { getAgency as findAgency } from '../../directory/agencies.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencySchema, presentAgency, SpellingParam } from './agency-schemas.ts'
import { entityTag } from './if-match.ts'

export const getAgency: Operation = (app, { pool }) => {
  app.get(
    '/agencies/:code',
    {
      schema: {
        operationId: 'getAgency',
        summary: 'Get an agency by its code or an alias; its ETag is its revision',
        tags: ['agencies'],
        params: SpellingParam,
        response: { 200: AgencySchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }, reply) => {
      const agency = await findAgency(pool, params.code)
      return reply.header('etag', entityTag(agency.revision)).send(presentAgency(agency))
    },
  )
}
