import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** `delegate` may send and receive in the name of `agency`. Days are `yyyy-MM-dd`; `validTo` is the first day after. */
export interface DelegationRecord {
  readonly id: string
  readonly agency: AgencyCode
  readonly delegate: AgencyCode
  readonly validFrom: string
  readonly validTo: string | null
}

interface DelegationRow {
  id: string
  agency_code: string
  delegate_code: string
  valid_from: string
  valid_to: string | null
}

const COLUMNS = 'id, agency_code, delegate_code, valid_from, valid_to'

const toDelegation = (row: DelegationRow): DelegationRecord => ({
  id: row.id,
  agency: agencyCode(row.agency_code),
  delegate: agencyCode(row.delegate_code),
  validFrom: row.valid_from,
  validTo: row.valid_to,
})

/** Lets only one author at a time change who may act for whom. */
export async function lockDelegations(db: Transaction): Promise<void> {
  await db.query('lock table delegation in share row exclusive mode')
}

export async function insertDelegation(db: Transaction, delegation: DelegationRecord): Promise<void> {
  await db.query(
    'insert into delegation (id, agency_code, delegate_code, valid_from, valid_to) values ($1, $2, $3, $4, $5)',
    [delegation.id, delegation.agency, delegation.delegate, delegation.validFrom, delegation.validTo],
  )
}

/** A delegation between the same two agencies whose days overlap with these. */
export async function findOverlapping(
  db: Transaction,
  delegation: DelegationRecord,
): Promise<DelegationRecord | undefined> {
  const { rows } = await db.query<DelegationRow>(
    `select ${COLUMNS} from delegation
      where agency_code = $1 and delegate_code = $2
        and daterange(valid_from, valid_to) && daterange($3::date, $4::date)
      order by id limit 1`,
    [delegation.agency, delegation.delegate, delegation.validFrom, delegation.validTo],
  )
  return rows[0] && toDelegation(rows[0])
}

export async function lockDelegation(db: Transaction, id: string): Promise<DelegationRecord | undefined> {
  const { rows } = await db.query<DelegationRow>(
    `select ${COLUMNS} from delegation where id = $1 for update`,
    [id],
  )
  return rows[0] && toDelegation(rows[0])
}

/** Ends a delegation with the day before `day`; one that would not have begun by then is removed. */
export async function endDelegationOn(db: Transaction, id: string, day: string): Promise<void> {
  await db.query('delete from delegation where id = $1 and valid_from >= $2', [id, day])
  await db.query('update delegation set valid_to = $2 where id = $1', [id, day])
}

export interface DelegationPage {
  readonly after?: string
  readonly limit: number
  readonly agency?: string
  readonly delegate?: string
}

/** Delegations in the order in which they were recorded, those after the id `after`. */
export async function listDelegations(db: Queryable, page: DelegationPage): Promise<DelegationRecord[]> {
  const { rows } = await db.query<DelegationRow>(
    `select ${COLUMNS} from delegation
      where ($1::uuid is null or id > $1) and ($3::text is null or agency_code = $3)
        and ($4::text is null or delegate_code = $4)
      order by id limit $2`,
    [page.after ?? null, page.limit, page.agency ?? null, page.delegate ?? null],
  )
  return rows.map(toDelegation)
}
