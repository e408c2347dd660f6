import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { claimItems as claim } from '../../receipts/inbox.ts'
import { problemResponses } from '../schemas/problem.ts'
import { InboxItemSchema, presentItem } from './inbox-item.ts'
import { ActingQuery, type Operation, TAGS } from './operation.ts'

const ClaimBody = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 500 }),
    leaseSeconds: Type.Integer({ minimum: 5, maximum: 3600 }),
  },
  { additionalProperties: false },
)

const Claim = Type.Object({
  claimToken: Type.String({ description: 'To be shown when fetching and acknowledging the items' }),
  items: Type.Array(InboxItemSchema),
})

export const claimItems: Operation = (app, { context }) => {
  app.post(
    '/inbox/claims',
    {
      schema: {
        operationId: 'claimItems',
        tags: [TAGS.inbox],
        summary: 'Borrow items, so that several processes can share an inbox: the most urgent first',
        querystring: ActingQuery,
        body: ClaimBody,
        response: { 200: Claim, ...problemResponses('delegation-missing') },
      },
    },
    async ({ caller, query, body }) => {
      const agency = await actingAgency(context, caller, query.agency)
      const { claimToken, items } = await claim(context.pool, agency, body.leaseSeconds, body.limit)
      return { claimToken, items: items.map(presentItem) }
    },
  )
}
