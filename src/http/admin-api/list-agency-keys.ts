import { Type } from 'typebox'
import { listAgencyKeys as list } from '../../db/agency-keys.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Code } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencyKeySchema, presentAgencyKey } from './agency-key-schemas.ts'

const Query = Type.Object(
  { agency: Type.Optional(Code), withRevoked: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
)

export const listAgencyKeys: Operation = (app, { pool }) => {
  app.get(
    '/agency-keys',
    {
      schema: {
        operationId: 'listAgencyKeys',
        summary: 'List the seal keys that agencies keep with the gateway: never the keys themselves',
        tags: ['agency keys'],
        querystring: Query,
        response: { 200: Type.Object({ items: Type.Array(AgencyKeySchema) }), ...problemResponses() },
      },
    },
    async ({ query: { agency, withRevoked = false } }) => {
      const filter = { withRevoked, ...(agency !== undefined && { agency: agencyCode(agency) }) }
      return { items: (await list(pool, filter)).map(presentAgencyKey) }
    },
  )
}
