import { Type } from 'typebox'
import { createDelegation as create } from '../../directory/delegations.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Code, Day, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DelegationSchema, presentDelegation } from './delegation-schemas.ts'

const NewDelegation = Type.Object(
  { agency: Code, delegate: Code, validFrom: Day, validTo: Type.Optional(Nullable(Day)) },
  { additionalProperties: false },
)

export const createDelegation: Operation = (app, { pool }) => {
  app.post(
    '/delegations',
    {
      schema: {
        operationId: 'createDelegation',
        summary: 'Record that one agency may send and receive in the name of another',
        tags: ['delegations'],
        body: NewDelegation,
        response: { 201: DelegationSchema, ...problemResponses('already-exists') },
      },
    },
    async ({ body, caller }, reply) => {
      const delegation = await create(pool, caller, {
        agency: agencyCode(body.agency),
        delegate: agencyCode(body.delegate),
        validFrom: body.validFrom,
        validTo: body.validTo ?? null,
      })
      return reply.status(201).send(presentDelegation(delegation))
    },
  )
}
