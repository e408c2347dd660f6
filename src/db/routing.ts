import type { RoutingRule } from '../domain/routing.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface RoutingTable {
  /** The revision's number. */
  readonly revision: number
  readonly rules: readonly RoutingRule[]
  readonly author: string
  readonly createdAt: Date
}

/** The routing table in force. */
export async function currentRoutingTable(db: Queryable): Promise<RoutingTable> {
  const { rows } = await db.query<RoutingTable>({
    name: 'current-routing-table',
    text: `select id as revision, rules, author, created_at as "createdAt"
      from routing_revision order by id desc limit 1`,
  })
  const table = rows[0]
  if (table === undefined) throw new Error('no routing table: the migrations have not run')
  return table
}

export async function insertRoutingTable(
  db: Transaction,
  rules: readonly RoutingRule[],
  author: string,
): Promise<RoutingTable> {
  const { rows } = await db.query<RoutingTable>(
    `insert into routing_revision (rules, author) values ($1, $2)
      returning id as revision, rules, author, created_at as "createdAt"`,
    [JSON.stringify(rules), author],
  )
  return rows[0]!
}

/** Lets only one author at a time replace the table. */
export async function lockRoutingTable(db: Transaction): Promise<void> {
  await db.query('lock table routing_revision in share row exclusive mode')
}

/** Revisions of the routing table, the newest first, those before the revision `before`. */
export async function listRoutingTables(
  db: Queryable,
  before: number | null,
  limit: number,
): Promise<RoutingTable[]> {
  const { rows } = await db.query<RoutingTable>(
    `select id as revision, rules, author, created_at as "createdAt" from routing_revision
      where $1::integer is null or id < $1 order by id desc limit $2`,
    [before, limit],
  )
  return rows
}

export async function findRoutingTable(db: Queryable, revision: number): Promise<RoutingTable | undefined> {
  const { rows } = await db.query<RoutingTable>(
    `select id as revision, rules, author, created_at as "createdAt" from routing_revision where id = $1`,
    [revision],
  )
  return rows[0]
}
