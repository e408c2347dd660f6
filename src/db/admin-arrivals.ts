import type { ArrivalState } from '../domain/axis/arrival.ts'
import { ARRIVAL_COLUMNS, type Arrival, type ArrivalRow, toArrival } from './axis-arrival-record.ts'
import { REOPENED } from './axis-arrivals.ts'
import type { Queryable } from './pool.ts'

/** One that was refused begins anew. Returns it as it was; undefined where it is not refused. */
export async function reopenArrival(db: Queryable, id: string): Promise<Arrival | undefined> {
  const { rows } = await db.query<ArrivalRow>({
    name: 'reopen-arrival',
    text: `with before as (select ${ARRIVAL_COLUMNS} from axis_arrival where id = $1 and state = 'refused' for update),
      reopened as (
        update axis_arrival set ${REOPENED} where id = (select id from before))
      select ${ARRIVAL_COLUMNS} from before`,
    values: [id],
  })
  return rows[0] && toArrival(rows[0])
}

export async function findArrival(db: Queryable, id: string): Promise<Arrival | undefined> {
  const { rows } = await db.query<ArrivalRow>({
    name: 'find-arrival',
    text: `select ${ARRIVAL_COLUMNS} from axis_arrival where id = $1`,
    values: [id],
  })
  return rows[0] && toArrival(rows[0])
}

export interface ArrivalPage {
  /** The id of the last one of the page before. */
  readonly after?: string
  readonly limit: number
  readonly connector?: string
  readonly state?: ArrivalState
}

/** What other exchanges held for this gateway, the newest first. */
export async function searchArrivals(db: Queryable, page: ArrivalPage): Promise<Arrival[]> {
  const { rows } = await db.query<ArrivalRow>(
    `select ${ARRIVAL_COLUMNS} from axis_arrival
      where ($1::uuid is null or id < $1) and ($3::text is null or connector = $3) and ($4::text is null or state = $4)
      order by id desc limit $2`,
    [page.after ?? null, page.limit, page.connector ?? null, page.state ?? null],
  )
  return rows.map(toArrival)
}
