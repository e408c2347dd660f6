import { Type } from 'typebox'
import { databaseNow } from '../../db/now.ts'
import { explainRoute as answer } from '../../directory/explain/explain-route.ts'
import { narrate } from '../../directory/explain/narrate.ts'
import { readParts } from '../../directory/explain/read-parts.ts'
import { urgencyOf } from '../../domain/urgency.ts'
import type { Operation } from '../operation.ts'
import { Code, Day, Instant, Line, UrgencyNumber } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { RouteAnswerSchema } from './explain-schemas.ts'

const MOST_BYTES = 2 ** 40

const Query = Type.Object(
  {
    sender: Line(100, { description: 'Any spelling of an agency' }),
    recipient: Line(100, { description: 'Any spelling of an agency or of an address group' }),
    documentType: Type.Optional(Line(200, { description: 'Kind of document, such as `Quyết định`' })),
    urgency: Type.Optional(UrgencyNumber),
    bytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MOST_BYTES,
        description: 'Length of the packet; 0 where left out',
      }),
    ),
    at: Type.Optional(
      Type.Union([Instant, Day], {
        description: 'An instant, or the beginning of a day in Vietnam; now where left out',
      }),
    ),
    directoryRevision: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 31 - 1,
        description: 'As the directory was known with this revision',
      }),
    ),
    routingRevision: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 31 - 1,
        description: 'With this table, whenever it is in force',
      }),
    ),
    after: Type.Optional(Code),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'Members of a group; 50 where left out' }),
    ),
  },
  { additionalProperties: false },
)

export const explainRoute: Operation = (app, { pool, registry, usable }) => {
  app.get(
    '/routes/explain',
    {
      schema: {
        operationId: 'explainRoute',
        summary: 'Explain where a document would go on any date, and why',
        description:
          'Vì sao văn bản đi đường này. Nothing is sent. The answer is found by the functions that decide when a ' +
          'document is accepted, with every rule that was tried; a recipient that cannot be reached is an answer too.',
        tags: ['routing'],
        querystring: Query,
        response: { 200: RouteAnswerSchema, ...problemResponses('not-found') },
      },
    },
    async ({ query }) => {
      const { at: asked, urgency, bytes = 0, directoryRevision, routingRevision, ...names } = query
      const at = asked === undefined ? await databaseNow(pool) : instantOf(asked)
      const { directory } = await registry.upToDate(pool)
      const parts = await readParts(pool, directory, {
        sender: names.sender,
        at,
        usable,
        ...(directoryRevision !== undefined && { directoryRevision }),
        ...(routingRevision !== undefined && { routingRevision }),
      })
      const found = answer(parts, { ...names, urgency: urgencyOf(urgency), bytes, at })
      return { ...found, words: narrate(found) }
    },
  )
}

const instantOf = (text: string): Date => new Date(text.length > 10 ? text : `${text}T00:00:00+07:00`)
