import { Type } from 'typebox'
import { factsOfSubject, revisionsOfSubject } from '../../db/directory-history.ts'
import { directoryOn, getAgency as findAgency } from '../../directory/agencies.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import {
  AGENCY,
  FactSchema,
  ON,
  presentAgency,
  presentFact,
  presentRevision,
  RevisionSchema,
  SpellingParam,
} from './agency-schemas.ts'

const MOST_FACTS = 2_000
const MOST_REVISIONS = 200

const Known = Type.Object({
  ...AGENCY,
  facts: Type.Array(FactSchema, {
    description: `Everything that was ever said of it, for every day, also what was taken back; the last ${MOST_FACTS}`,
  }),
  revisions: Type.Array(RevisionSchema, {
    description: `The revisions of the directory that said or took back any of it, the newest first; the last ${MOST_REVISIONS}`,
  }),
})

export const getAgency: Operation = (app, context) => {
  app.get(
    '/agencies/:code',
    {
      schema: {
        operationId: 'getAgency',
        summary: 'Get an agency by its code or an alias: how it is on a day, and all that is on record of it',
        tags: ['agencies'],
        params: SpellingParam,
        querystring: Type.Object(ON, { additionalProperties: false }),
        response: { 200: Known, ...problemResponses('not-found') },
      },
    },
    async ({ params, query }) => {
      const known = await directoryOn(context, query.on)
      const agency = findAgency(known, params.code)
      const [facts, revisions] = await Promise.all([
        factsOfSubject(context.pool, agency.code, MOST_FACTS),
        revisionsOfSubject(context.pool, agency.code, MOST_REVISIONS),
      ])
      return {
        ...presentAgency(known.day)(agency),
        facts: facts.map(presentFact),
        revisions: revisions.map(presentRevision),
      }
    },
  )
}
