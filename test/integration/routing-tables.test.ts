import t from 'tap'
import {
  currentRoutingTable,
  findRoutingTable,
  latestRoutingRevision,
  listRoutingTables,
  listTablesFrom,
} from '../../src/db/routing.ts'
import { tableInForce } from '../../src/directory/routing/table-in-force.ts'
import type { TableRule } from '../../src/domain/routing-rule.ts'
import { testGateway } from '../support/gateway.ts'
import { recordTable } from '../support/record-table.ts'

const { api } = await testGateway(t)
const { pool } = api
const rule = (id: string): TableRule => ({ id, channel: 'mailbox' })
/** As the database has it: the last of those from an instant on. */
const inForceAt = async (at: Date) => (await listTablesFrom(pool, at)).at(-1)
const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000)

t.test('a new gateway begins with an empty table, in force since it was made', async (t) => {
  const table = await currentRoutingTable(pool)
  t.match(table, { revision: 1, rules: [], author: 'migration', approvedBy: null, draftId: null })
  t.same(table.effectiveFrom, table.createdAt)
})

t.test('tables decide from their own times on, whatever the order in which they were written', async (t) => {
  const late = await recordTable(pool, [rule('late')], inDays(3))
  const soon = await recordTable(pool, [rule('soon')], inDays(1))
  const now = await recordTable(pool, [rule('now')])
  t.equal((await currentRoutingTable(pool)).revision, now.revision)
  t.equal((await inForceAt(inDays(2)))?.revision, soon.revision)
  t.equal((await inForceAt(inDays(4)))?.revision, late.revision)
  t.equal(await latestRoutingRevision(pool), now.revision)

  const known = await listTablesFrom(pool, new Date())
  t.same(
    known.map(({ revision }) => revision),
    [late.revision, soon.revision, now.revision],
    'the one in force, and what is to come; nothing of before',
  )
  for (const days of [0, 0.9, 1.1, 2.9, 3.1, 400]) {
    const at = inDays(days)
    t.equal(tableInForce(known, at).revision, (await inForceAt(at))?.revision, `in ${days} days`)
  }
  t.same(
    (await listRoutingTables(pool, null, 2)).map(({ revision }) => revision),
    [now.revision, soon.revision],
  )
  t.match(await findRoutingTable(pool, soon.revision), { rules: [{ id: 'soon' }], approvedBy: String })
  t.equal(await findRoutingTable(pool, 999), undefined)
})

t.test('the registry of every process holds what is to come', async (t) => {
  const { tables } = await api.registry.upToDate(pool)
  t.same(
    tables.map(({ rules }) => rules[0]?.id),
    ['late', 'soon', 'now'],
  )
})

t.test('a table that nobody else approved is refused', async (t) => {
  await t.rejects(
    pool.query(`insert into routing_revision (rules, author, approved_by) values ('[]', 'a', 'a')`),
    { code: '23514' },
  )
})
