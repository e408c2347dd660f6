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

const PAGE = 10_000

/**
 * Every fact that holds with a revision, for a directory of any size, page by page: neither all rows nor rows and facts
 * lie in memory together. What holds with a revision never changes, so the pages fit each other without a transaction.
 */
export async function* loadFacts(db: Queryable, revision: number): AsyncGenerator<Iterable<Fact>> {
  for (let page: Promise<FactRow[]> | null = readPage(db, revision, 0); page !== null; ) {
    const rows: FactRow[] = await page
    const last = rows.at(-1)
    // The database makes the next page while this one is taken in.
    page = last === undefined || rows.length < PAGE ? null : readPage(db, revision, last[0])
    // Told to whoever waits for it; where nobody does any more, to nobody.
    page?.catch(() => undefined)
    yield rows.map(toFact)
  }
}

async function readPage(db: Queryable, revision: number, after: number): Promise<FactRow[]> {
  const { rows } = await db.query<[...FactRow]>({
    name: 'load-facts',
    text: `select id, subject, kind, value, valid_from, valid_to, asserted_in from directory_fact
      where id > $1 and asserted_in <= $2 and (retracted_in is null or retracted_in > $2)
      order by id limit ${PAGE}`,
    values: [after, revision],
    rowMode: 'array',
  })
  return rows
}

/** A fact that was taken back by a later revision is read as it was before: not taken back. */
const toFact = ([id, subject, kind, value, validFrom, validTo, assertedIn]: FactRow): Fact =>
  ({ id, subject, kind, value, validFrom, validTo, assertedIn, retractedIn: null }) as Fact
