import { Type } from 'typebox'
import { closeAgency as close } from '../../directory/agencies.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Code, Day, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencySchema, CodeParam, presentAgency } from './agency-schemas.ts'
import { entityTag, IfMatch, seenRevision } from './if-match.ts'

const Closure = Type.Object({ validTo: Day, successor: Nullable(Code) }, { additionalProperties: false })

export const closeAgency: Operation = (app, { pool }) => {
  app.post(
    '/agencies/:code/close',
    {
      schema: {
        operationId: 'closeAgency',
        summary: 'Close an agency from a day on, naming who takes over',
        description: 'It stays in the directory: what it sent and was sent must stay resolvable.',
        tags: ['agencies'],
        params: CodeParam,
        headers: IfMatch,
        body: Closure,
        response: { 200: AgencySchema, ...problemResponses('not-found', 'revision-conflict') },
      },
    },
    async ({ params, headers, body, caller }, reply) => {
      const successor = body.successor === null ? null : agencyCode(body.successor)
      const closure = { validTo: body.validTo, successor }
      const agency = await close(pool, caller, agencyCode(params.code), closure, seenRevision(headers))
      return reply.header('etag', entityTag(agency.revision)).send(presentAgency(agency))
    },
  )
}
