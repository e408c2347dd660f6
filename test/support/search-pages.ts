import type { Pool } from '../../src/db/pool.ts'
import { RECORD_SETS } from '../../src/db/record-sets.ts'
import { type RecordKind, type RecordPosition, selectRecords } from '../../src/db/search.ts'
import type { Filters } from '../../src/db/search-conditions.ts'
import { type SearchBounds, searchRecords } from '../../src/db/search-page.ts'

/** Where the records stand that the pages of a list hold, one after the other. */
export async function paged(
  pool: Pool,
  kind: RecordKind,
  filters: Filters,
  limit: number,
  bounds: SearchBounds,
) {
  const found: string[] = []
  let after: RecordPosition | undefined
  for (;;) {
    const page = await searchRecords(pool, kind, filters, { ...(after && { after }), limit }, bounds)
    found.push(...page.map(({ position }) => position.join(' ')))
    if (page.length < limit) return found
    after = page.at(-1)!.position
  }
}

/** Where the records stand that one plain statement holds. */
export async function whole(pool: Pool, kind: RecordKind, filters: Filters): Promise<string[]> {
  const { at, id } = RECORD_SETS[kind]
  const { text, values } = selectRecords(kind, filters)
  const { rows } = await pool.query<{ place: string }>(
    text.replace(
      'select ',
      `select to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || ${id} as place, `,
    ),
    values,
  )
  return rows.map(({ place }) => place)
}
