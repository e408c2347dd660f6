import { type AgencyCode, agencyCode, type Sha256, sha256 } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** What is told of a key that an agency keeps with the gateway. */
export interface AgencyKeyRecord {
  readonly id: string
  readonly agency: AgencyCode
  readonly certificateSha256: Sha256
  readonly subject: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** Where the private key lies. */
  readonly kind: 'pkcs12' | 'token'
  readonly sealWidthMm: number | null
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

/** The key itself: the PKCS#12 file or the address in a token, and the encrypted passphrase or PIN. */
export interface AgencyKeyMaterial {
  readonly certificates: readonly Uint8Array[]
  readonly pkcs12: Uint8Array | null
  readonly tokenUri: string | null
  readonly secret: Uint8Array | null
  readonly sealImage: Uint8Array | null
}

interface AgencyKeyRow {
  id: string
  agency_code: string
  certificate_sha256: string
  subject: string
  not_before: Date
  not_after: Date
  kind: 'pkcs12' | 'token'
  seal_width_mm: string | null
  created_at: Date
  revoked_at: Date | null
}

interface MaterialRow {
  certificates: Buffer[]
  pkcs12: Buffer | null
  token_uri: string | null
  secret: Buffer | null
  seal_image: Buffer | null
}

const COLUMNS = `id, agency_code, certificate_sha256, subject, not_before, not_after,
  case when pkcs12 is null then 'token' else 'pkcs12' end as kind, seal_width_mm, created_at, revoked_at` as const

const toRecord = (row: AgencyKeyRow): AgencyKeyRecord => ({
  id: row.id,
  agency: agencyCode(row.agency_code),
  certificateSha256: sha256(row.certificate_sha256),
  subject: row.subject,
  notBefore: row.not_before,
  notAfter: row.not_after,
  kind: row.kind,
  sealWidthMm: row.seal_width_mm === null ? null : Number(row.seal_width_mm),
  createdAt: row.created_at,
  revokedAt: row.revoked_at,
})

export type NewAgencyKey = Omit<AgencyKeyRecord, 'kind' | 'createdAt' | 'revokedAt'> & AgencyKeyMaterial

/** Adds a key. Returns false, and adds nothing, where its certificate has one in use. */
export async function insertAgencyKey(db: Transaction, key: NewAgencyKey): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into agency_key (id, agency_code, certificates, certificate_sha256, subject, not_before, not_after,
        pkcs12, token_uri, secret, seal_image, seal_width_mm)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
      on conflict (certificate_sha256) where revoked_at is null do nothing`,
    [
      key.id,
      key.agency,
      key.certificates.map((der) => Buffer.from(der)),
      key.certificateSha256,
      key.subject,
      key.notBefore,
      key.notAfter,
      key.pkcs12,
      key.tokenUri,
      key.secret,
      key.sealImage,
      key.sealWidthMm,
    ],
  )
  return rowCount === 1
}

/** Keys of one agency or of all, the newest certificate first; revoked ones only where they are asked for. */
export async function listAgencyKeys(
  db: Queryable,
  { agency, withRevoked = false }: { readonly agency?: AgencyCode; readonly withRevoked?: boolean },
): Promise<AgencyKeyRecord[]> {
  const { rows } = await db.query<AgencyKeyRow>(
    `select ${COLUMNS} from agency_key
      where ($1::text is null or agency_code = $1) and ($2 or revoked_at is null)
      order by agency_code, not_before desc, id limit 10000`,
    [agency ?? null, withRevoked],
  )
  return rows.map(toRecord)
}

/** The key that an agency seals with now: of those in force, the one whose certificate became valid last. */
export async function findSealingKey(
  db: Queryable,
  agency: AgencyCode,
): Promise<AgencyKeyRecord | undefined> {
  const { rows } = await db.query<AgencyKeyRow>({
    name: 'find-sealing-key',
    text: `select ${COLUMNS} from agency_key
      where agency_code = $1 and revoked_at is null and clock_timestamp() between not_before and not_after
      order by not_before desc, not_after desc, id limit 1`,
    values: [agency],
  })
  return rows[0] && toRecord(rows[0])
}

export async function findKeyMaterial(db: Queryable, id: string): Promise<AgencyKeyMaterial | undefined> {
  const { rows } = await db.query<MaterialRow>(
    'select certificates, pkcs12, token_uri, secret, seal_image from agency_key where id = $1 and revoked_at is null',
    [id],
  )
  const [row] = rows
  return (
    row && {
      certificates: row.certificates,
      pkcs12: row.pkcs12,
      tokenUri: row.token_uri,
      secret: row.secret,
      sealImage: row.seal_image,
    }
  )
}

/** Takes a key out of use for good and forgets the private key. Returns undefined where none is in use under the id. */
export async function revokeAgencyKey(db: Transaction, id: string): Promise<AgencyKeyRecord | undefined> {
  const { rows } = await db.query<AgencyKeyRow>(
    `update agency_key set revoked_at = clock_timestamp(), secret = case when pkcs12 is null then null else ''::bytea end,
        pkcs12 = case when pkcs12 is null then null else ''::bytea end
      where id = $1 and revoked_at is null returning ${COLUMNS}`,
    [id],
  )
  return rows[0] && toRecord(rows[0])
}
