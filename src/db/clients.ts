import type { CallerRole } from '../domain/caller.ts'
import { type AgencyCode, agencyCode, type Sha256, sha256 } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** A public key as a JWK (RFC 7517). */
export type PublicJwk = Readonly<Record<string, unknown>>

/** A system or service that calls the API. */
export interface ClientRecord {
  readonly clientId: string
  readonly role: CallerRole
  readonly agency: AgencyCode | null
  readonly name: string
  /** Keys for private_key_jwt; null where it has none. */
  readonly keys: readonly PublicJwk[] | null
  /** SHA-256 of the DER of the TLS client certificate that its tokens are bound to. */
  readonly certificate: Sha256 | null
  readonly revokedAt: Date | null
  readonly createdAt: Date
}

interface ClientRow {
  client_id: string
  role: CallerRole
  agency_code: string | null
  name: string
  jwks: { keys: PublicJwk[] } | null
  certificate_sha256: string | null
  revoked_at: Date | null
  created_at: Date
}

const COLUMNS =
  'client_id, role, agency_code, name, jwks, certificate_sha256, revoked_at, created_at' as const

const toClient = (row: ClientRow): ClientRecord => ({
  clientId: row.client_id,
  role: row.role,
  agency: row.agency_code === null ? null : agencyCode(row.agency_code),
  name: row.name,
  keys: row.jwks?.keys ?? null,
  certificate: row.certificate_sha256 === null ? null : sha256(row.certificate_sha256),
  revokedAt: row.revoked_at,
  createdAt: row.created_at,
})

export async function findClient(db: Queryable, clientId: string): Promise<ClientRecord | undefined> {
  const { rows } = await db.query<ClientRow>({
    name: 'find-client',
    text: `select ${COLUMNS} from client where client_id = $1`,
    values: [clientId],
  })
  return rows[0] && toClient(rows[0])
}

/** A client, locked until the transaction ends. */
export async function lockClient(db: Transaction, clientId: string): Promise<ClientRecord | undefined> {
  const { rows } = await db.query<ClientRow>(
    `select ${COLUMNS} from client where client_id = $1 for update`,
    [clientId],
  )
  return rows[0] && toClient(rows[0])
}

export interface ClientPage {
  readonly after?: string
  readonly limit: number
  readonly agency?: AgencyCode
}

/** One page of clients in the order of their ids, those after `after`. */
export async function listClients(db: Queryable, page: ClientPage): Promise<ClientRecord[]> {
  const { rows } = await db.query<ClientRow>(
    `select ${COLUMNS} from client
      where client_id > $1 and ($3::text is null or agency_code = $3) order by client_id limit $2`,
    [page.after ?? '', page.limit, page.agency ?? null],
  )
  return rows.map(toClient)
}

export type NewClient = Pick<ClientRecord, 'clientId' | 'role' | 'agency' | 'name'>

/** Adds a client. Returns false, and adds nothing, where the id is taken. */
export async function insertClient(db: Transaction, client: NewClient): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into client (client_id, role, agency_code, name) values ($1, $2, $3, $4)
      on conflict (client_id) do nothing`,
    [client.clientId, client.role, client.agency, client.name],
  )
  return rowCount === 1
}

export async function updateKeys(
  db: Transaction,
  clientId: string,
  keys: readonly PublicJwk[] | null,
): Promise<void> {
  await db.query('update client set jwks = $2 where client_id = $1', [
    clientId,
    keys === null ? null : JSON.stringify({ keys }),
  ])
}

export async function updateCertificate(
  db: Transaction,
  clientId: string,
  certificate: Sha256 | null,
): Promise<void> {
  await db.query('update client set certificate_sha256 = $2 where client_id = $1', [clientId, certificate])
}

/** Marks a client as revoked. Returns false where it already was. */
export async function markRevoked(db: Transaction, clientId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'update client set revoked_at = clock_timestamp() where client_id = $1 and revoked_at is null',
    [clientId],
  )
  return rowCount === 1
}
