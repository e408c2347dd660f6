import { randomBytes } from 'node:crypto'
import { recordEvents } from '../audit/record-events.ts'
import { deleteAxisSecrets, endAxisSecrets, insertAxisSecret } from '../db/axis-secrets.ts'
import {
  canonicalNetworks,
  findAxisSystem,
  insertAxisSystem,
  replaceProposal,
  replaceServed,
  updateAxisSystem,
} from '../db/axis-systems.ts'
import { findClient, lockClient, markRevoked, updateCertificate } from '../db/clients.ts'
import { insertCredentialAuthor } from '../db/credential-ties.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AxisReach, AxisSystem } from '../domain/axis/axis-system.ts'
import { sha256, uuidv7 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { SecretBox } from '../domain/secret-box.ts'
import { type AxisSystemWish, checkAxisSystem } from './axis-systems-check.ts'
import { givenAlone, presentSystem, reachSha256 } from './axis-systems-grant.ts'
import { secretOwner } from './axis-systems-known.ts'
import { addClient } from './clients.ts'

export interface NewAxisSystem extends AxisSystemWish, Pick<AxisSystem, 'systemId' | 'name'> {}

/** Secrets of one system that work at once; each is tried for every request. */
const MOST_SECRETS = 4

/** A secret of 256 bits as the vendor's library takes it: text, whose UTF-8 is the key of the HMAC. */
const newSecret = (): string => randomBytes(32).toString('base64url')

/**
 * Adds a system with its client, and a secret that is shown this once. What takes two administrators
 * (`givenAlone`) is proposed, unless an operator of the command line gives it.
 * @throws GatewayError `request-invalid` with everything that is wrong, `already-exists` where a client has this id
 */
export function createAxisSystem(
  pool: Pool,
  box: SecretBox,
  system: NewAxisSystem,
  actor: string,
): Promise<{ readonly system: AxisSystem; readonly secret: string }> {
  return inTransaction(pool, async (db) => {
    const { systemId, name, agency } = system
    await checkAxisSystem(db, system)
    const wish = { ...system, networks: await canonicalNetworks(db, system.networks) }
    await addClient(db, { clientId: systemId, role: 'agency', agency, name }, actor)
    await insertAxisSystem(db, systemId, { ...wish, rights: [], networks: [] })
    await give(db, await present(db, systemId), wish, actor)
    const secret = await giveSecret(db, box, systemId)
    const created = await present(db, systemId)
    await tell(db, actor, created, { change: 'created', ...detailOf(created) })
    return { system: created, secret }
  })
}

/** What of a system may be changed; what is left out stays. */
export type AxisSystemChange = Partial<Omit<AxisSystemWish, 'agency'>>

const REACH = [
  'serves',
  'rights',
  'networks',
  'certificateSha256',
] as const satisfies readonly (keyof AxisReach)[]

/**
 * Changes what a system has. What is taken away is gone at once; what takes two administrators (`givenAlone`) is
 * proposed, in the place of what was proposed before, unless an operator of the command line gives it. Whoever says of
 * its reach what is in force takes back what is proposed.
 * @throws GatewayError `request-invalid`, `not-found`, `delivery-state-conflict` where it is revoked
 */
export function changeAxisSystem(
  pool: Pool,
  systemId: string,
  change: AxisSystemChange,
  actor: string,
): Promise<AxisSystem> {
  return changeSystem(pool, systemId, actor, async (db, before) => {
    const wish: AxisSystemWish = { ...before, ...change }
    await checkAxisSystem(db, wish)
    const { clockToleranceSeconds } = wish
    const networks = await canonicalNetworks(db, wish.networks)
    if (REACH.some((field) => change[field] !== undefined))
      await give(db, before, { ...wish, networks }, actor)
    else await updateAxisSystem(db, systemId, { ...before, clockToleranceSeconds })
    const after = await present(db, systemId)
    return { detail: { change: 'changed', before: detailOf(before), after: detailOf(after) }, result: after }
  })
}

/**
 * Gives a system a new secret, shown this once. Those it had work until `oldValidUntil`, and at once no longer where
 * that is past.
 * @throws GatewayError `not-found`; `delivery-state-conflict` where it is revoked, or has as many secrets as may work at
 *   once
 */
export function rotateAxisSecret(
  pool: Pool,
  box: SecretBox,
  systemId: string,
  oldValidUntil: Date,
  actor: string,
): Promise<{ readonly secret: string }> {
  return changeSystem(pool, systemId, actor, async (db) => {
    if ((await endAxisSecrets(db, systemId, oldValidUntil)) >= MOST_SECRETS) throw tooManySecrets()
    const secret = await giveSecret(db, box, systemId)
    await insertCredentialAuthor(db, { clientId: systemId, author: actor })
    const detail = { change: 'secret-rotated', oldValidUntil: oldValidUntil.toISOString() }
    return { detail, result: { secret } }
  })
}

/**
 * Revokes a system and its client for good: within 2 seconds the axis door refuses it, and its secrets are removed.
 * @throws GatewayError `not-found`, `delivery-state-conflict` where it already is
 */
export function revokeAxisSystem(pool: Pool, systemId: string, actor: string): Promise<void> {
  return changeSystem(pool, systemId, actor, async (db) => {
    await markRevoked(db, systemId)
    await deleteAxisSecrets(db, systemId)
    await replaceProposal(db, systemId, null)
    return { detail: { change: 'revoked' }, result: undefined }
  })
}

/** One change of one living system, on record in the same transaction. */
export function changeSystem<T>(
  pool: Pool,
  systemId: string,
  actor: string,
  change: (
    db: Transaction,
    before: AxisSystem,
  ) => Promise<{ readonly detail: Record<string, unknown>; readonly result: T }>,
): Promise<T> {
  return inTransaction(pool, async (db) => {
    if ((await lockClient(db, systemId)) === undefined) throw new GatewayError('not-found')
    const before = await present(db, systemId)
    if (before.revokedAt !== null) throw isRevoked()
    const { detail, result } = await change(db, before)
    await tell(db, actor, before, detail)
    return result
  })
}

/** @throws GatewayError `not-found` */
export async function present(db: Pick<Transaction, 'query'>, systemId: string): Promise<AxisSystem> {
  const stored = await findAxisSystem(db, systemId)
  if (stored === undefined) throw new GatewayError('not-found')
  return presentSystem(stored)
}

/** Puts in force what the actor may give, and proposes the rest. */
async function give(db: Transaction, before: AxisSystem, wish: AxisSystemWish, actor: string): Promise<void> {
  const { systemId } = before
  const isOperator = (await findClient(db, actor)) === undefined
  const given = isOperator ? wish : givenAlone(wish, before)
  await putInForce(db, before, { ...given, clockToleranceSeconds: wish.clockToleranceSeconds }, actor)
  const isWhole = reachSha256(given) === reachSha256(wish)
  await replaceProposal(db, systemId, isWhole ? null : { ...wish, proposedBy: actor })
}

/** Writes what a system has from now on. Whoever sets its certificate has set a credential of it. */
export async function putInForce(
  db: Transaction,
  { systemId, certificateSha256: earlier }: AxisSystem,
  reach: AxisReach & Pick<AxisSystem, 'clockToleranceSeconds'>,
  actor: string,
): Promise<void> {
  await replaceServed(db, systemId, reach.serves)
  await updateAxisSystem(db, systemId, reach)
  if (reach.certificateSha256 === earlier) return
  const certificate = reach.certificateSha256 === null ? null : sha256(reach.certificateSha256)
  await updateCertificate(db, systemId, certificate)
  await insertCredentialAuthor(db, { clientId: systemId, author: actor })
}

async function giveSecret(db: Transaction, box: SecretBox, systemId: string): Promise<string> {
  const [id, secret] = [uuidv7(), newSecret()]
  await insertAxisSecret(db, { id, systemId, sealed: box.close(secret, secretOwner(systemId, id)) })
  return secret
}

/** What of a system is on record: never a secret, nor who it is, which stands in the event itself. */
const detailOf = (system: AxisSystem) => ({
  serves: system.serves,
  rights: system.rights,
  networks: system.networks,
  certificateSha256: system.certificateSha256,
  clockToleranceSeconds: system.clockToleranceSeconds,
  proposal: system.proposal && {
    serves: system.proposal.serves,
    rights: system.proposal.rights,
    networks: system.proposal.networks,
    certificateSha256: system.proposal.certificateSha256,
  },
})

const tell = (
  db: Transaction,
  actor: string,
  { systemId, agency }: AxisSystem,
  detail: Record<string, unknown>,
): Promise<void> =>
  recordEvents(db, [{ kind: 'axis-system-changed', actor, agency, detail: { systemId, ...detail } }])

const isRevoked = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: { vi: 'Hệ thống này đã bị thu hồi quyền.', en: 'This system is revoked.' },
  })

const tooManySecrets = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: `Hệ thống đang có ${MOST_SECRETS} bí mật còn hiệu lực; hãy chờ, hoặc cho các bí mật cũ hết hiệu lực ngay.`,
      en: `The system has ${MOST_SECRETS} secrets that work; wait, or end the earlier ones at once.`,
    },
  })
