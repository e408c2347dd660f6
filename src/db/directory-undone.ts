import type { Fact } from '../domain/directory/fact.ts'
import { FACT_COLUMNS } from './directory-facts.ts'
import type { Queryable } from './pool.ts'

/** What leads from what stood with one revision back to what stood with an earlier one. */
export interface Undone {
  /** Facts that were taken back since: they stand again. */
  readonly restored: readonly Fact[]
  /** Ids of facts that were said since, and still stand with the later revision. */
  readonly unsaid: readonly number[]
}

/** @param back the earlier revision */
export async function factsUndone(db: Queryable, from: number, back: number): Promise<Undone> {
  const restored = await db.query<Fact>(
    `select ${FACT_COLUMNS} from directory_fact
      where asserted_in <= $1 and retracted_in > $1 and retracted_in <= $2 order by id`,
    [back, from],
  )
  const unsaid = await db.query<{ id: number }>(
    `select id from directory_fact
      where asserted_in > $1 and asserted_in <= $2 and (retracted_in is null or retracted_in > $2)`,
    [back, from],
  )
  return { restored: restored.rows, unsaid: unsaid.rows.map(({ id }) => id) }
}
