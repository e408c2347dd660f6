import { createHash, randomBytes } from 'node:crypto'
import { recordEvents } from '../audit/record-events.ts'
import { findCodes } from '../db/agencies.ts'
import { findAxisSystem } from '../db/axis-systems.ts'
import { endSecrets, insertSecret } from '../db/client-credentials.ts'
import {
  type ClientRecord,
  insertClient,
  lockClient,
  markRevoked,
  type NewClient,
  updateCertificate,
  updateKeys,
} from '../db/clients.ts'
import { insertCredentialAuthor } from '../db/credential-ties.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Caller } from '../domain/caller.ts'
import type { Fault } from '../domain/fault.ts'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { publicKeys } from './client-keys.ts'

/** How a secret is kept. It is random and of 256 bits, so a plain SHA-256 is enough. */
export const secretDigest = (secret: string): Sha256 =>
  sha256(createHash('sha256').update(secret).digest('hex'))

const newSecret = (): string => randomBytes(32).toString('base64url')

export interface CreatedClient {
  readonly client: ClientRecord
  /** Shown this once: only its digest is kept. Null where none was asked for. */
  readonly secret: string | null
}

/**
 * Adds a client, with a secret unless it is to prove itself by keys alone (`withSecret: false`, then `setKeys`).
 * @throws GatewayError `request-invalid`, `already-exists`
 */
export function createClient(
  pool: Pool,
  client: NewClient,
  actor: string,
  { withSecret = true }: { readonly withSecret?: boolean } = {},
): Promise<CreatedClient> {
  return inTransaction(pool, async (db) => {
    const created = await addClient(db, client, actor, { withSecret })
    const secret = withSecret ? newSecret() : null
    if (secret !== null) await insertSecret(db, client.clientId, secretDigest(secret))
    return { client: created, secret }
  })
}

/** Adds a client that has no secret yet, and puts it on record. @throws GatewayError as `createClient` */
export async function addClient(
  db: Transaction,
  client: NewClient,
  actor: string,
  { withSecret = false }: { readonly withSecret?: boolean } = {},
): Promise<ClientRecord> {
  await checkNewClient(db, client)
  if (!(await insertClient(db, client))) throw new GatewayError('already-exists')
  const created = await lockClient(db, client.clientId)
  if (created === undefined) throw new GatewayError('internal-error')
  await insertCredentialAuthor(db, { clientId: client.clientId, author: actor })
  await tell(db, actor, created, { change: 'created', role: client.role, withSecret })
  return created
}

/**
 * Gives a client a new secret, returned this once. Those it had work until `oldValidUntil`, at once no longer where
 * that is past.
 * @throws GatewayError `not-found`, `delivery-state-conflict` where it is revoked
 */
export function rotateSecret(
  pool: Pool,
  clientId: string,
  oldValidUntil: Date,
  actor: string,
): Promise<{ readonly secret: string }> {
  return changeClient(pool, clientId, actor, async (db) => {
    await endSecrets(db, clientId, oldValidUntil)
    const secret = newSecret()
    await insertSecret(db, clientId, secretDigest(secret))
    await insertCredentialAuthor(db, { clientId, author: actor })
    return {
      detail: { change: 'secret-rotated', oldValidUntil: oldValidUntil.toISOString() },
      result: { secret },
    }
  })
}

/** Takes every secret from a client at once: it proves itself by its keys from now on. @throws as `rotateSecret` */
export function removeSecrets(pool: Pool, clientId: string, actor: string): Promise<void> {
  return changeClient(pool, clientId, actor, async (db) => {
    await endSecrets(db, clientId, await databaseNow(db))
    return { detail: { change: 'secrets-removed' }, result: undefined }
  })
}

/**
 * Sets the public keys with which a client signs its assertions (a JWK Set); null takes them away.
 * @throws GatewayError `request-invalid` naming what is wrong with each key; as `rotateSecret`
 */
export function setKeys(pool: Pool, clientId: string, jwks: unknown, actor: string): Promise<void> {
  return changeClient(pool, clientId, actor, async (db) => {
    const keys = jwks === null ? null : publicKeys(jwks)
    await updateKeys(db, clientId, keys)
    await insertCredentialAuthor(db, { clientId, author: actor })
    return {
      detail: { change: 'keys-set', keyIds: keys?.map((key) => key.kid) ?? [] },
      result: undefined,
    }
  })
}

/**
 * Binds a client to a TLS client certificate (SHA-256 of its DER): without it, no token is given and none is worth
 * anything (RFC 8705). Null unbinds it. That of a system of the axis interface is set with the system.
 * @throws as `rotateSecret`
 */
export function bindCertificate(
  pool: Pool,
  clientId: string,
  certificate: Sha256 | null,
  actor: string,
): Promise<void> {
  return changeClient(pool, clientId, actor, async (db) => {
    if ((await findAxisSystem(db, clientId)) !== undefined) throw certificateOfSystem()
    await updateCertificate(db, clientId, certificate)
    await insertCredentialAuthor(db, { clientId, author: actor })
    return { detail: { change: 'certificate-bound', certificate }, result: undefined }
  })
}

/** Revokes a client for good: within 5 seconds no door lets it in. @throws as `rotateSecret` */
export function revokeClient(pool: Pool, clientId: string, actor: string): Promise<void> {
  return changeClient(pool, clientId, actor, async (db) => {
    await markRevoked(db, clientId)
    return { detail: { change: 'revoked' }, result: undefined }
  })
}

/** Under which another exchange is on record as the one who brought a packet. */
export const gatewayClientId = (connector: string): string => `connector.${connector}`

/**
 * Puts an exchange, of which this gateway is a client by a connector, on record as one who brings packets.
 * @throws GatewayError `already-exists` where a system of another role has this id
 */
export async function recordGateway(pool: Pool, connector: string): Promise<Caller> {
  const clientId = gatewayClientId(connector)
  const role = 'gateway'
  return inTransaction(pool, async (db) => {
    await insertClient(db, { clientId, role, agency: null, name: connector })
    const client = await lockClient(db, clientId)
    if (client?.role !== role) throw new GatewayError('already-exists')
    return { clientId, role, agency: null }
  })
}

/** One change of one living client, on record in the same transaction. */
function changeClient<T>(
  pool: Pool,
  clientId: string,
  actor: string,
  change: (db: Transaction) => Promise<{ detail: Record<string, unknown>; result: T }>,
): Promise<T> {
  return inTransaction(pool, async (db) => {
    const client = await lockClient(db, clientId)
    if (client === undefined) throw new GatewayError('not-found')
    if (client.revokedAt !== null) {
      throw new GatewayError('delivery-state-conflict', {
        detail: { vi: 'Hệ thống này đã bị thu hồi quyền.', en: 'This client is revoked.' },
      })
    }
    if (client.role === 'gateway') {
      throw new GatewayError('delivery-state-conflict', {
        detail: {
          vi: 'Đây là trục khác, được cấu hình trong tệp kết nối; không đăng nhập vào đây.',
          en: 'This is another exchange, set up in the file of connectors; it does not sign in here.',
        },
      })
    }
    const { detail, result } = await change(db)
    await tell(db, actor, client, detail)
    return result
  })
}

const tell = (
  db: Transaction,
  actor: string,
  { clientId, agency }: ClientRecord,
  detail: Record<string, unknown>,
): Promise<void> =>
  recordEvents(db, [{ kind: 'client-changed', actor, agency, detail: { clientId, ...detail } }])

const certificateOfSystem = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Chứng thư của hệ thống gọi theo giao diện trục được đặt ở /admin/v1/axis-systems.',
      en: 'The certificate of a system of the axis interface is set at /admin/v1/axis-systems.',
    },
  })

const CLIENT_ID = /^[A-Za-z0-9._-]{3,100}$/

/** Whether a text can be the id of a client. */
export const isClientId = (text: string): boolean => CLIENT_ID.test(text)

async function checkNewClient(db: Transaction, client: NewClient): Promise<void> {
  const faults: Fault[] = []
  const add = (path: string, code: string, vi: string, en: string) =>
    faults.push({ code, severity: 'error', path, hint: { vi, en } })
  if (!isClientId(client.clientId)) {
    add(
      '#/clientId',
      'client-id-malformed',
      'clientId gồm 3 đến 100 ký tự A-Z, a-z, 0-9, dấu chấm, gạch dưới, gạch nối.',
      'A clientId has 3 to 100 of A-Z, a-z, 0-9, dot, underscore, hyphen.',
    )
  }
  if (client.name.trim() === '') {
    add('#/name', 'name-missing', 'Cần tên của hệ thống.', 'The name of the client is needed.')
  }
  if ((client.role === 'agency') !== (client.agency !== null)) {
    add(
      '#/agency',
      'agency-unfitting',
      'Vai trò agency cần mã cơ quan; các vai trò khác không có cơ quan.',
      'The role agency needs the code of its agency; other roles have none.',
    )
  }
  // By its code and no alias: what is kept must be the code itself.
  const { agency } = client
  if (agency !== null && (await findCodes(db, [agency])).get(agency) !== agency) {
    add('#/agency', 'agency-unknown', 'Mã cơ quan không có trong danh bạ.', 'No agency has this code.')
  }
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
}
