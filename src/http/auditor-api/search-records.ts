import { Type } from 'typebox'
import type { Pool } from '../../db/pool.ts'
import type { RecordKind, RecordPosition } from '../../db/search.ts'
import type { Filters } from '../../db/search-conditions.ts'
import { searchRecords as findPage } from '../../db/search-page.ts'
import type { Operation } from '../operation.ts'
import { BY_TIME, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { FILTER_FIELDS, type FilterQuery, toFilters } from './filters.ts'
import { operationIdOf, presentRecord, RECORD_KINDS, RECORD_SCHEMAS } from './record-schemas.ts'

/** One list a kind of record. */
export const searchRecords: Operation = (app, { pool }) => {
  for (const kind of RECORD_KINDS) {
    app.get<{ Querystring: FilterQuery & { cursor?: string; limit?: number } }>(
      `/${kind}`,
      {
        schema: {
          operationId: operationIdOf('search', kind),
          summary: `Search ${kind}, the newest first`,
          description: 'Pages stay as they are while new records come.',
          tags: ['search'],
          querystring: Type.Object(
            { ...PAGE_QUERY, ...FILTER_FIELDS[kind] },
            { additionalProperties: false },
          ),
          response: { 200: pageOf(RECORD_SCHEMAS[kind]), ...problemResponses('cursor-invalid') },
        },
      },
      async ({ query }) => {
        const { cursor, limit = DEFAULT_LIMIT, ...filters } = query
        return recordPage(pool, kind, toFilters(kind, filters), readCursor(cursor, BY_TIME), limit)
      },
    )
  }
}

/** One page of records as they are told. */
export async function recordPage(
  pool: Pool,
  kind: RecordKind,
  filters: Filters,
  after: RecordPosition | undefined,
  limit: number,
) {
  const found = await findPage(pool, kind, filters, { ...(after && { after }), limit: limit + 1 })
  return toPage(
    found,
    limit,
    ({ position }) => position,
    (row) => presentRecord(kind, row),
  )
}
