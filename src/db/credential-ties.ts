import type { Queryable, Transaction } from './pool.ts'

/** `author` has once set the secret, the keys or the certificate of `clientId`. */
export interface CredentialTie {
  readonly clientId: string
  readonly author: string
}

/** Keeps that somebody set what a client proves itself by. */
export async function insertCredentialAuthor(
  db: Transaction,
  { clientId, author }: CredentialTie,
): Promise<void> {
  await db.query('insert into client_credential_author (client_id, author) values ($1, $2)', [
    clientId,
    author,
  ])
}

/**
 * Who has ever set the credentials of which administrator's client. Those of `authors` count whatever their role: a
 * system makes drafts, too, and whoever has had its secret may have made them. Systems tie nobody else together: two
 * administrators who look after one system are independent of each other.
 */
export async function listCredentialTies(
  db: Queryable,
  authors: readonly string[] = [],
): Promise<CredentialTie[]> {
  const { rows } = await db.query<CredentialTie>(
    `select distinct tie.client_id as "clientId", tie.author from client_credential_author tie
      join client on client.client_id = tie.client_id and (client.role = 'admin' or client.client_id = any ($1))
      join client maker on maker.client_id = tie.author
      where tie.author <> tie.client_id`,
    [authors],
  )
  return rows
}

/** When a client's credentials were last set on the command line, that is by no client; null where they never were. */
export async function lastSetByOperator(db: Queryable, clientId: string): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select max(at) as at from client_credential_author
      where client_id = $1 and author not in (select client_id from client)`,
    [clientId],
  )
  return rows[0]!.at
}
