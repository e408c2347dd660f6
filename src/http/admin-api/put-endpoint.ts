import { Type } from 'typebox'
import { setEndpoint } from '../../directory/endpoints.ts'
import type { Operation } from '../operation.ts'
import { EndpointChannelSchema, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { CodeParam } from './agency-schemas.ts'
import { agencyNamed, EndpointSchema, presentEndpoint } from './endpoint-schemas.ts'

const Choice = Type.Object(
  { channel: EndpointChannelSchema, url: Nullable(Type.String({ minLength: 1, maxLength: 2_000 })) },
  { additionalProperties: false },
)

export const putEndpoint: Operation = (app, { pool, config }) => {
  app.put(
    '/agencies/:code/endpoint',
    {
      schema: {
        operationId: 'putEndpoint',
        summary: 'Set how an agency is reached',
        tags: ['endpoints'],
        params: CodeParam,
        body: Choice,
        response: { 200: EndpointSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params, body, caller }) => {
      const agency = await agencyNamed(pool, params.code)
      return presentEndpoint(await setEndpoint(pool, caller.clientId, agency, body, config.push.allowHttp))
    },
  )
}
