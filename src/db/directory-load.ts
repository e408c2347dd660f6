import type { Fact } from '../domain/directory/fact.ts'
import type { Queryable } from './pool.ts'

type FactRow = readonly [
  id: number,
  subject: string,
  kind: string,
  value: object,
  validFrom: string,
  validTo: string | null,
  assertedIn: number,
]

/** Ids that one page covers. */
const PAGE = 10_000

/**
 * Every fact that holds with a revision, for a directory of any size, page by page: neither all rows nor rows and facts
 * lie in memory together. What holds with a revision never changes, so the pages fit each other without a transaction.
 * A page is a range of ids, which the primary key answers at once, and comes as one JSON value: a row apiece costs the
 * driver several times as much.
 */
export async function* loadFacts(db: Queryable, revision: number): AsyncGenerator<Iterable<Fact>> {
  const last = await lastId(db)
  let page = last > 0 ? readPage(db, revision, 0) : undefined
  for (let from = PAGE; page !== undefined; from += PAGE) {
    const rows: readonly FactRow[] = await page
    // The database makes the next page while this one is taken in.
    page = from < last ? readPage(db, revision, from) : undefined
    // Told to whoever waits for it; where nobody does any more, to nobody.
    page?.catch(() => undefined)
    yield rows.map(toFact)
  }
}

async function lastId(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ last: number }>({
    name: 'last-fact',
    text: 'select coalesce(max(id), 0) as last from directory_fact',
  })
  return rows[0]!.last
}

async function readPage(db: Queryable, revision: number, from: number): Promise<readonly FactRow[]> {
  const { rows } = await db.query<{ facts: readonly FactRow[] | null }>({
    name: 'load-facts',
    text: `select json_agg(json_build_array(id, subject, kind, value, valid_from, valid_to, asserted_in)) as facts
      from (select id, subject, kind, value, valid_from, valid_to, asserted_in from directory_fact
        where id > $1 and id <= $1 + ${PAGE} and asserted_in <= $2 and (retracted_in is null or retracted_in > $2)
        order by id) as page`,
    values: [from, revision],
  })
  return rows[0]?.facts ?? []
}

/** A fact that was taken back by a later revision is read as it was before: not taken back. */
const toFact = ([id, subject, kind, value, validFrom, validTo, assertedIn]: FactRow): Fact =>
  ({ id, subject, kind, value, validFrom, validTo, assertedIn, retractedIn: null }) as Fact
