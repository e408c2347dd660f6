import { createAgency as create } from '../../directory/agencies.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencySchema, draftOf, NewAgency, presentAgency } from './agency-schemas.ts'
import { entityTag } from './if-match.ts'

export const createAgency: Operation = (app, { pool }) => {
  app.post(
    '/agencies',
    {
      schema: {
        operationId: 'createAgency',
        summary: 'Add an agency to the directory',
        tags: ['agencies'],
        body: NewAgency,
        response: { 201: AgencySchema, ...problemResponses('already-exists') },
      },
    },
    async ({ body, caller }, reply) => {
      const agency = await create(pool, caller, draftOf(body.code, body))
      return reply
        .status(201)
        .header('location', `/admin/v1/agencies/${encodeURIComponent(agency.code)}`)
        .header('etag', entityTag(agency.revision))
        .send(presentAgency(agency))
    },
  )
}
