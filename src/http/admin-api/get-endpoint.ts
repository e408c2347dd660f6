import { getEndpoint as findEndpoint } from '../../directory/endpoints.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { CodeParam } from './agency-schemas.ts'
import { agencyNamed, EndpointSchema, presentEndpoint } from './endpoint-schemas.ts'

export const getEndpoint: Operation = (app, context) => {
  app.get(
    '/agencies/:code/endpoint',
    {
      schema: {
        operationId: 'getEndpoint',
        summary: 'Get how an agency is reached; the mailbox where it has no endpoint of its own',
        tags: ['endpoints'],
        params: CodeParam,
        response: { 200: EndpointSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }) =>
      presentEndpoint(await findEndpoint(context, await agencyNamed(context, params.code))),
  )
}
