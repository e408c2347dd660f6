import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { readInbox } from '../../receipts/inbox.ts'
import { findLostNumbers, type LostNumbers } from '../../receipts/reader-ahead.ts'
import { goneAway } from '../gone-away.ts'
import { Timestamp } from '../schemas/common.ts'
import {
  BY_NUMBER,
  DEFAULT_LIMIT,
  encodeCursor,
  PAGE_QUERY,
  pageOf,
  readCursor,
  toPage,
} from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { InboxItemSchema, presentItem } from './inbox-item.ts'
import { ACTING, type Operation, TAGS } from './operation.ts'

const Query = Type.Object(
  {
    ...ACTING,
    ...PAGE_QUERY,
    kind: Type.Optional(Type.Enum(['document', 'status'])),
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 30,
        description: 'Seconds to wait for something to come where nothing is there',
      }),
    ),
  },
  { additionalProperties: false },
)

const InboxPage = Type.Object({
  ...pageOf(InboxItemSchema).properties,
  position: Type.String({
    description: 'Where this answer ends. Give it as cursor, with wait, to be told only of what comes after.',
  }),
  lostNumbers: Type.Optional(
    Type.Object(
      { restoredAt: Timestamp, backupTakenAt: Timestamp, knownUpTo: Type.Integer({ minimum: 0 }) },
      {
        description:
          'Trục đã được khôi phục từ bản sao lưu; con trỏ này đã qua những số mà trục không còn biết. Present where the ' +
          'gateway was restored from a backup and this cursor has passed numbers that it no longer knows: keep what you ' +
          'took with numbers above knownUpTo, for you alone have it, and go on reading. Such numbers are never given again.',
      },
    ),
  ),
})

export const listInbox: Operation = (app, { context, stopping }) => {
  app.get(
    '/inbox',
    {
      schema: {
        operationId: 'listInbox',
        tags: [TAGS.inbox],
        summary: 'What the agency has still to take, in the order of its numbers',
        description:
          'Hộp thư đến: mọi mục chưa xác nhận. Without a cursor it begins with the oldest item that was not ' +
          'acknowledged, so that nothing is passed over.',
        querystring: Query,
        response: { 200: InboxPage, ...problemResponses('cursor-invalid', 'delegation-missing') },
      },
    },
    async ({ caller, query }, reply) => {
      const [after] = readCursor(query.cursor, BY_NUMBER) ?? [0]
      const limit = query.limit ?? DEFAULT_LIMIT
      const agency = await actingAgency(context, caller, query.agency)
      const lost = await findLostNumbers(context.pool, caller, agency, after)
      const found = await readInbox(
        context.pool,
        context.waiters,
        { agency, after, limit: limit + 1, kind: query.kind ?? null, wait: query.wait ?? 0 },
        () => AbortSignal.any([stopping, goneAway(reply)]),
      )
      const page = toPage(found, limit, ({ number }) => [number], presentItem)
      return {
        ...page,
        position: encodeCursor([page.items.at(-1)?.number ?? after]),
        ...(lost !== null && { lostNumbers: presentLost(lost) }),
      }
    },
  )
}

const presentLost = ({ restoredAt, backupTakenAt, knownUpTo }: LostNumbers) => ({
  restoredAt: restoredAt.toISOString(),
  backupTakenAt: backupTakenAt.toISOString(),
  knownUpTo,
})
