import { type Static, Type } from 'typebox'
import type { Dimension } from '../../db/statistics.ts'
import { DELIVERY_STATES } from '../../domain/delivery-state.ts'
import { GatewayError } from '../../domain/problem.ts'
import { LEGAL_VALUES } from '../../domain/signature-report.ts'
import { figuresBy, totalFigures } from '../../statistics/figures.ts'
import type { Operation } from '../operation.ts'
import { Code, Instant, Nullable, Tier } from '../schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'

const Query = Type.Object(
  {
    ...PAGE_QUERY,
    since: Instant,
    until: Instant,
    by: Type.Enum(['day', 'agency', 'tier'] satisfies Dimension[]),
    agency: Type.Optional({ ...Code, description: 'What this agency sent, and what was delivered to it' }),
    tier: Type.Optional(Tier),
  },
  { additionalProperties: false },
)

const counts = (table: Readonly<Record<string, unknown>>) =>
  Type.Object(Object.fromEntries(Object.keys(table).map((key) => [key, Type.Integer()])))

const FIGURES = {
  sent: Type.Integer({ description: 'Documents; status packets are not counted' }),
  sentByLegalValue: counts(LEGAL_VALUES),
  signedShare: Nullable(
    Type.Number({
      description: "Of the documents sent, those with the agency's valid and trusted signature",
    }),
  ),
  deliveries: Type.Integer(),
  deliveriesByState: counts(DELIVERY_STATES),
}

const Statistics = Type.Object({
  total: Type.Object(FIGURES),
  items: Type.Array(
    Type.Object({ key: Type.String({ description: 'Day in Vietnam, agency or tier' }), ...FIGURES }),
  ),
  nextCursor: Nullable(Type.String()),
})

export const getStatistics: Operation = (app, { pool }) => {
  app.get<{ Querystring: Static<typeof Query> }>(
    '/statistics',
    {
      schema: {
        operationId: 'getStatistics',
        summary: 'Count what was sent and delivered in a period, by day, agency or tier',
        description:
          'Sent is counted for the sender and its tier, delivered for the recipient and its tier (QĐ 28/2018/QĐ-TTg art. 11).',
        tags: ['statistics'],
        querystring: Query,
        response: { 200: Statistics, ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, by, since, until, ...only } = query
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const period = { since: new Date(since), until: new Date(until), ...only }
      if (period.since >= period.until) throw periodEmpty(until)
      const [total, found] = await Promise.all([
        totalFigures(pool, period),
        figuresBy(pool, by, period, after ?? '', limit + 1),
      ])
      const page = toPage(
        found,
        limit,
        ({ key }) => [key],
        (figures) => figures,
      )
      return { total, ...page }
    },
  )
}

const periodEmpty = (until: string): GatewayError =>
  new GatewayError('request-invalid', {
    faults: [
      {
        code: 'period-empty',
        severity: 'error',
        path: '#/querystring/until',
        found: until,
        hint: { vi: 'until phải sau since.', en: 'until must be after since.' },
      },
    ],
  })
