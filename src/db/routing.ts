import type { TableRule } from '../domain/routing-rule.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface RoutingTable {
  /** The revision's number. */
  readonly revision: number
  readonly rules: readonly TableRule[]
  readonly author: string
  readonly createdAt: Date
  /** From when it decides, until a later one does. */
  readonly effectiveFrom: Date
  /** Null only for what a new gateway begins with. */
  readonly approvedBy: string | null
  /** The draft that became this revision. */
  readonly draftId: string | null
}

export interface NewRoutingTable {
  readonly rules: readonly TableRule[]
  readonly author: string
  /** The earliest instant; null, or one that has passed: at once. */
  readonly effectiveFrom: Date | null
  readonly approvedBy: string | null
  readonly draftId: string | null
}

const COLUMNS = `id as revision, rules, author, created_at as "createdAt", effective_from as "effectiveFrom",
  approved_by as "approvedBy", draft_id as "draftId"`

/** The table that decides at an instant, and of two that took effect together the later one. */
const IN_FORCE_AT = (instant: string) =>
  `select ${COLUMNS} from routing_revision where effective_from <= ${instant}
    order by effective_from desc, id desc limit 1`

/** The routing table in force. */
export async function currentRoutingTable(db: Queryable): Promise<RoutingTable> {
  const { rows } = await db.query<RoutingTable>({
    name: 'current-routing-table',
    text: IN_FORCE_AT('clock_timestamp()'),
  })
  return rows[0] ?? noTable()
}

/** The tables that are in force or will be from an instant on, the latest to take effect first. */
export async function listTablesFrom(db: Queryable, now: Date): Promise<RoutingTable[]> {
  const { rows } = await db.query<RoutingTable>({
    name: 'list-tables-from',
    text: `with in_force as (${IN_FORCE_AT('$1')})
      select ${COLUMNS} from routing_revision
      where id = (select revision from in_force) or effective_from > $1
      order by effective_from desc, id desc`,
    values: [now],
  })
  return rows.length > 0 ? rows : [noTable()]
}

/** The number of the newest revision, in force or not: what a draft is based on. */
export async function latestRoutingRevision(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ revision: number }>({
    name: 'latest-routing-revision',
    text: 'select max(id) as revision from routing_revision',
  })
  return rows[0]?.revision ?? 0
}

/** @throws where the approver is the author: the database refuses that too */
export async function insertRoutingTable(db: Transaction, table: NewRoutingTable): Promise<RoutingTable> {
  const { rows } = await db.query<RoutingTable>(
    `insert into routing_revision (rules, author, effective_from, approved_by, draft_id)
      values ($1, $2, greatest($3, clock_timestamp()), $4, $5) returning ${COLUMNS}`,
    [JSON.stringify(table.rules), table.author, table.effectiveFrom, table.approvedBy, table.draftId],
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
    `select ${COLUMNS} from routing_revision
      where $1::integer is null or id < $1 order by id desc limit $2`,
    [before, limit],
  )
  return rows
}

export async function findRoutingTable(db: Queryable, revision: number): Promise<RoutingTable | undefined> {
  const { rows } = await db.query<RoutingTable>(`select ${COLUMNS} from routing_revision where id = $1`, [
    revision,
  ])
  return rows[0]
}

function noTable(): never {
  throw new Error('no routing table: the migrations have not run')
}
