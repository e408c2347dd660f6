import pg from 'pg'
import t from 'tap'
import { listSealsToRenew } from '../../src/db/seal-levels.ts'
import { createTestDatabase } from '../support/test-database.ts'

const DOCUMENTS = 4_000
const UNRENEWED = 1_000

/**
 * Seals of a year and more, a timestamp and its proofs on each, and on all but every fourth an archive timestamp that is
 * young. Foreign keys and triggers are left aside: the documents themselves do not matter here.
 */
const FILL = `
  set session_replication_role = replica;
  create temporary table one on commit preserve rows as
    select n, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid as id,
      clock_timestamp() - make_interval(days => 400, mins => n) as stamped from generate_series(1, ${DOCUMENTS}) n;
  insert into seal_level (document_id, number, level, sha256, gen_time)
    select id, 1, 'B-T', repeat('a', 64), stamped from one
    union all select id, 2, 'B-LT', repeat('b', 64), stamped from one
    union all select id, 3, 'B-LTA', repeat('c', 64), clock_timestamp() from one where n % 4 <> 0;
  reset session_replication_role;
  analyze seal_level`

interface Plan {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly Plans?: readonly Plan[]
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

t.test('seals to renew are found by their index, however many seals there are', async (t) => {
  const client = new pg.Client({ connectionString: (await createTestDatabase(t)).url })
  await client.connect()
  try {
    await client.query(FILL)
    const asked = t.capture(client, 'query', client.query)
    const all = await listSealsToRenew(client, { olderThanDays: 365, limit: DOCUMENTS })
    const first = await listSealsToRenew(client, { olderThanDays: 365, limit: 100 })
    const one = await listSealsToRenew(client, { olderThanDays: 365, limit: 100, document: first[1]! })
    const [, limited, single] = asked()
    t.equal(all.length, UNRENEWED, 'each once, and none that was renewed')
    t.match(all[0], /0{8}4000$/, 'the oldest first')
    t.same(first, all.slice(0, 100))
    t.same(one, [first[1]])
    const planOf = async (args: readonly unknown[] = []) => {
      const [text, values] = args
      if (typeof text !== 'string' || !Array.isArray(values))
        throw new Error('not a query of text and values')
      const { rows } = await client.query(`explain (format json) ${text}`, values)
      return nodesOf(rows[0]['QUERY PLAN'][0].Plan)
    }
    for (const [name, plan, index] of [
      ['the first hundred', await planOf(limited?.args), 'seal_level_proof'],
      ['one document', await planOf(single?.args), 'seal_level_pkey'],
    ] as const) {
      const kinds = plan.map((node) => node['Node Type'])
      t.notOk(kinds.includes('Seq Scan'), `${name}: ${kinds.join(', ')}`)
      t.ok(
        plan.some((node) => node['Index Name'] === index),
        `${name} by ${index}`,
      )
    }
  } finally {
    await client.end()
  }
})
