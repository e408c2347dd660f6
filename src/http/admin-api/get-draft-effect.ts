import { Type } from 'typebox'
import { type Effect, effectOf } from '../../directory/drafts/effect.ts'
import { getDraft } from '../../directory/drafts/move-draft.ts'
import type { Operation } from '../operation.ts'
import { ChannelIdSchema, DateTime, Nullable, Text } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftParam } from './draft-schemas.ts'

const Query = Type.Object(
  {
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 31, description: 'How far back; 7 where left out' }),
    ),
  },
  { additionalProperties: false },
)

const Destination = Type.Object({
  recipient: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  channel: Type.Optional(ChannelIdSchema),
  gateway: Type.Optional(Nullable(Type.String())),
  rule: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String({ description: 'Why it would go nowhere' })),
})

const Move = Type.Object(
  {
    outcome: Type.Enum(['redirect', 'bounce', 'keep']),
    from: Type.String(),
    to: Type.Optional(Type.String()),
  },
  { description: 'What becomes of it where it is in flight and its recipient closes; null anywhere else' },
)

const EffectSchema = Type.Unsafe<Effect>(
  Type.Object({
    day: Type.String({ format: 'date', description: 'The day for which both were decided' }),
    since: DateTime,
    considered: Type.Integer(),
    isCut: Type.Boolean({ description: 'There are more than were looked at' }),
    elsewhere: Type.Integer(),
    nowhere: Type.Integer({ description: 'Of those elsewhere' }),
    inFlight: Type.Integer({ description: 'On their way now, however old, and decided otherwise' }),
    moves: Type.Object(
      { redirected: Type.Integer(), bounced: Type.Integer(), kept: Type.Integer() },
      {
        description:
          'Of those on their way now, what becomes of those whose recipient closes with the draft, unless they are fetched before',
      },
    ),
    sample: Type.Array(
      Type.Object({
        delivery: Type.String(),
        document: Type.String(),
        sender: Type.String(),
        inFlight: Type.Boolean(),
        before: Destination,
        after: Destination,
        move: Nullable(Move),
      }),
      { description: 'A hundred at most' },
    ),
    text: Type.Array(Text),
  }),
)

export const getDraftEffect: Operation = (app, context) => {
  app.get(
    '/drafts/:id/effect',
    {
      schema: {
        operationId: 'getDraftEffect',
        summary: 'See which deliveries of the last days would have gone elsewhere, and how many in flight',
        description: 'Deliveries are decided again, by what is in force and by the draft, 200,000 at most.',
        tags: ['drafts'],
        params: DraftParam,
        querystring: Query,
        response: { 200: EffectSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, query: { days = 7 } }, reply) => {
      const draft = await getDraft(context.pool, params.id)
      return reply.send(await effectOf(draftDependencies(context, reply), draft, days))
    },
  )
}
