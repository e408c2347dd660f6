import type { Queryable, Transaction } from './pool.ts'

/** A secret of a system as it is kept: sealed. */
export interface SealedAxisSecret {
  readonly id: string
  readonly systemId: string
  readonly sealed: Uint8Array
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

interface Row {
  id: string
  system_id: string
  sealed: Buffer
  created_at: Date
  expires_at: Date | null
}

const toSecret = (row: Row): SealedAxisSecret => ({
  id: row.id,
  systemId: row.system_id,
  sealed: row.sealed,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})

/** The secrets of a system that are in force now, the newest first. */
export async function listAxisSecrets(db: Queryable, systemId: string): Promise<SealedAxisSecret[]> {
  const { rows } = await db.query<Row>({
    name: 'list-axis-secrets',
    text: `select id, system_id, sealed, created_at, expires_at from axis_secret
      where system_id = $1 and (expires_at is null or expires_at > clock_timestamp())
      order by created_at desc, id desc`,
    values: [systemId],
  })
  return rows.map(toSecret)
}

/** One secret in force of each of some systems that are not revoked: enough to tell whether they can be opened. */
export async function sampleAxisSecrets(db: Queryable, limit: number): Promise<SealedAxisSecret[]> {
  const { rows } = await db.query<Row>(
    `select distinct on (axis_secret.system_id) axis_secret.id, axis_secret.system_id, axis_secret.sealed,
        axis_secret.created_at, axis_secret.expires_at
      from axis_secret join client on client.client_id = axis_secret.system_id and client.revoked_at is null
      where axis_secret.expires_at is null or axis_secret.expires_at > clock_timestamp()
      order by axis_secret.system_id, axis_secret.created_at desc limit $1`,
    [limit],
  )
  return rows.map(toSecret)
}

export async function insertAxisSecret(
  db: Transaction,
  secret: Pick<SealedAxisSecret, 'id' | 'systemId' | 'sealed'>,
): Promise<void> {
  await db.query('insert into axis_secret (id, system_id, sealed) values ($1, $2, $3)', [
    secret.id,
    secret.systemId,
    Buffer.from(secret.sealed),
  ])
}

/**
 * Lets the secrets that a system has end at `at` at the latest, and removes those that have ended.
 * @returns how many still work until then
 */
export async function endAxisSecrets(db: Transaction, systemId: string, at: Date): Promise<number> {
  await db.query(
    'update axis_secret set expires_at = least(coalesce(expires_at, $2), $2) where system_id = $1',
    [systemId, at],
  )
  await db.query('delete from axis_secret where system_id = $1 and expires_at <= clock_timestamp()', [
    systemId,
  ])
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::int as count from axis_secret where system_id = $1',
    [systemId],
  )
  return rows[0]!.count
}

/** Removes every secret of a system. */
export async function deleteAxisSecrets(db: Transaction, systemId: string): Promise<void> {
  await db.query('delete from axis_secret where system_id = $1', [systemId])
}
