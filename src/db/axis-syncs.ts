import type { Queryable } from './pool.ts'

/** Whether an exchange is to be asked for its directory now; then nobody else asks for as long. */
export async function takeSync(db: Queryable, connector: string, everySeconds: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into axis_sync (connector, asked_at) values ($1, statement_timestamp())
      on conflict (connector) do update set asked_at = excluded.asked_at
        where axis_sync.asked_at <= statement_timestamp() - make_interval(secs => $2)`,
    [connector, everySeconds],
  )
  return rowCount === 1
}

/** Lets an exchange that gave nothing be asked again sooner. @param sinceSeconds how long ago it counts as asked */
export async function putSyncBack(db: Queryable, connector: string, sinceSeconds: number): Promise<void> {
  await db.query(
    'update axis_sync set asked_at = statement_timestamp() - make_interval(secs => $2) where connector = $1',
    [connector, sinceSeconds],
  )
}
