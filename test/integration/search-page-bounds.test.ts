import t from 'tap'
import type { Queryable } from '../../src/db/pool.ts'
import type { RecordKind } from '../../src/db/search.ts'
import { containing, type Filters } from '../../src/db/search-conditions.ts'
import { searchRecords } from '../../src/db/search-page.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
await gateway.submit(
  'H90',
  await documentPacket({ from: 'H90', to: ['G90'], documentId: 'bounds', subject: 'Nuoc sach' }),
)

/** A document each minute; of eleven one tells of floods. The oldest three are circulars, of which much is on record. */
const DOCUMENTS = 900
const CIRCULAR_EVENTS = 300
const UNTIL = new Date('2026-01-01T00:00:00Z')
await pool.query(`insert into document select (jsonb_populate_record(document, jsonb_build_object(
    'id', gen_random_uuid(), 'submission_key', n, 'accepted_at', timestamptz '2026-01-01' - n * interval '1 minute',
    'search_text', case when n > ${DOCUMENTS - 3} then 'thong tu' when n % 11 = 0 then 'lu lut' else 'nuoc sach' end))).*
  from document cross join generate_series(1, ${DOCUMENTS}) as n`)
await pool.query(`insert into audit_event (id, at, kind, actor, document_id)
  select gen_random_uuid(), document.accepted_at + n * interval '1 millisecond', 'seal-extended', 'worker', document.id
  from document cross join generate_series(1, ${CIRCULAR_EVENTS}) as n
  where n = 1 or document.search_text = 'thong tu'`)
await pool.query('analyze')

const BOUNDS = { walked: 10, walkedApart: 10, further: 10, documents: 50, held: 50, theirs: 50 }
/** What steps within these bounds read at most, with what a bitmap of one circular's events holds. */
const MOST_ROWS = 400

interface Plan {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly Plans?: readonly Plan[]
}

const mostRows = (plan: Plan): number =>
  Math.max(plan['Actual Rows'] * plan['Actual Loops'], ...(plan.Plans ?? []).map(mostRows))

/** The most rows that a step of a search reads, planned as over tables too large to be read whole. */
async function rowsOfSteps(kind: RecordKind, filters: Filters, limit: number, gathered: number) {
  const bounds = { ...BOUNDS, gathered }
  const client = await pool.connect()
  const steps: number[] = []
  const db = {
    query: async (statement: { text: string; values: unknown[] }) => {
      const { rows } = await client.query({
        ...statement,
        text: `explain (analyze, timing off, format json) ${statement.text}`,
      })
      steps.push(mostRows(rows[0]['QUERY PLAN'][0].Plan))
      return client.query(statement)
    },
  } as unknown as Queryable
  try {
    for (const one of ['seqscan', 'hashjoin', 'mergejoin']) await client.query(`set enable_${one} = off`)
    return { page: await searchRecords(db, kind, filters, { limit }, bounds), most: Math.max(...steps) }
  } finally {
    client.release(true)
  }
}

t.test('no more is looked at one by one than a step may, however far was looked before', async (t) => {
  const { page, most } = await rowsOfSteps(
    'documents',
    { words: [containing('lu l')], until: UNTIL },
    40,
    200,
  )
  t.equal(page.length, 40)
  t.ok(most <= MOST_ROWS, `${most} rows`)
})

t.test('few documents are not asked for all their records where these are many', async (t) => {
  const { page, most } = await rowsOfSteps('events', { words: [containing('thong')], until: UNTIL }, 5, 20)
  t.equal(page.length, 5)
  t.ok(most <= MOST_ROWS, `${most} rows`)
})
