import type { Fact } from '../domain/directory/fact.ts'
import type { Queryable } from './pool.ts'

type FactRow = [
  id: number,
  subject: string,
  kind: string,
  value: object,
  validFrom: string,
  validTo: string | null,
  assertedIn: number,
]

const PAGE = 20_000

/**
 * Every fact that holds with a revision, for a directory of any size: read in pages, so that rows and facts do not lie
 * in memory together. What holds with a revision never changes, so the pages fit each other without a transaction.
 */
export async function loadFacts(db: Queryable, revision: number): Promise<Fact[]> {
  const facts: Fact[] = []
  const shared = sharing()
  for (let after = 0; ; ) {
    const { rows } = await db.query<FactRow>({
      name: 'load-facts',
      text: `select id, subject, kind, value, valid_from, valid_to, asserted_in from directory_fact
        where id > $1 and asserted_in <= $2 and (retracted_in is null or retracted_in > $2)
        order by id limit ${PAGE}`,
      values: [after, revision],
      rowMode: 'array',
    })
    for (const row of rows) facts.push(toFact(row, shared))
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return facts
    after = last[0]
  }
}

type Share = (text: string) => string

/** Codes and days stand in many facts, and are kept once. */
function sharing(): Share {
  const known = new Map<string, string>()
  return (text) => {
    const earlier = known.get(text)
    if (earlier !== undefined) return earlier
    known.set(text, text)
    return text
  }
}

/** A fact that was taken back by a later revision is read as it was before: not taken back. */
const toFact = ([id, subject, kind, value, validFrom, validTo, assertedIn]: FactRow, share: Share): Fact =>
  ({
    id,
    subject: share(subject),
    kind: share(kind),
    value,
    validFrom: share(validFrom),
    validTo: validTo === null ? null : share(validTo),
    assertedIn,
    retractedIn: null,
  }) as Fact
