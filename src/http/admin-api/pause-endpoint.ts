import { pauseEndpoint as setPaused } from '../../directory/endpoints.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { CodeParam } from './agency-schemas.ts'
import { agencyNamed, EndpointSchema, presentEndpoint } from './endpoint-schemas.ts'

const VERBS = [
  { verb: 'pause', paused: true, summary: 'Hold back every delivery to an agency; nothing is lost' },
  { verb: 'resume', paused: false, summary: "Let an agency's deliveries go again" },
] as const

/** Pausing and resuming, which differ in one word. */
export const pauseEndpoint: Operation = (app, context) => {
  for (const { verb, paused, summary } of VERBS) {
    app.post(
      `/agencies/:code/endpoint/${verb}`,
      {
        schema: {
          operationId: `${verb}Endpoint`,
          summary,
          tags: ['endpoints'],
          params: CodeParam,
          response: { 200: EndpointSchema, ...problemResponses('not-found') },
        },
      },
      async ({ params, caller }) => {
        const agency = await agencyNamed(context, params.code)
        return presentEndpoint(await setPaused(context, caller.clientId, agency, paused))
      },
    )
  }
}
