import { recordEvents } from '../audit/record-events.ts'
import { insertDirectoryRevision, lockDirectoryRevisions } from '../db/directory-facts.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { deletePause, insertPause, isPaused } from '../db/recipient-pauses.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Endpoint } from '../domain/agency.ts'
import { CHANNELS, type EndpointChannelId, isEndpointChannel } from '../domain/channel-id.ts'
import type { EndpointValue } from '../domain/directory/fact.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { endpointFromToday } from './own-endpoint.ts'
import type { RegistryHolder } from './snapshot/holder.ts'
import type { DirectorySnapshot } from './snapshot/snapshot.ts'

export interface EndpointChoice {
  readonly channel: EndpointChannelId
  readonly url: string | null
}

export interface EndpointDependencies {
  readonly pool: Pool
  readonly registry: RegistryHolder
}

/** An agency spoke for itself: there is no draft, and nobody else's reason. */
const OWN_CHOICE = 'Cơ quan tự đăng ký điểm kết nối · The agency chose its own endpoint'

/** What an agency has that never chose: it pulls from its mailbox. */
const DEFAULT = { channel: 'mailbox', url: null } as const

/** The endpoint of an agency today; the default one where it has none of its own. */
export async function getEndpoint(
  { pool, registry }: EndpointDependencies,
  agency: AgencyCode,
): Promise<Endpoint> {
  const [now, { directory }, paused] = await Promise.all([
    databaseNow(pool),
    registry.upToDate(pool),
    isPaused(pool, agency),
  ])
  return { agency, ...(ownEndpoint(directory, agency, vietnamDay(now)) ?? DEFAULT), paused }
}

function ownEndpoint(
  directory: DirectorySnapshot,
  agency: AgencyCode,
  day: string,
): EndpointChoice | undefined {
  const value = directory.fact(agency, 'endpoint', day)?.value
  return value !== undefined && isEndpointChannel(value.channel)
    ? { channel: value.channel, url: value.url }
    : undefined
}

/**
 * An agency says for itself how it is reached, from today on: on record as a revision of the directory with the client
 * as its author, and for no longer than it is open. Whether its deliveries are paused stays as it is.
 * @param actor client id
 * @param allowHttp development only: lets the URL be plain http
 * @throws GatewayError `request-invalid` where channel and URL do not go together, the URL is not to be used, the agency is
 *   not open, or its endpoint serves others too
 */
export function setEndpoint(
  dependencies: EndpointDependencies,
  actor: string,
  agency: AgencyCode,
  choice: EndpointChoice,
  allowHttp: boolean,
): Promise<Endpoint> {
  const faults = checkChoice(choice, allowHttp)
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
  return choose(dependencies, actor, agency, choice)
}

/** Puts an agency back to the default. A pause outlives this: only who made it may lift it. */
export async function removeEndpoint(
  dependencies: EndpointDependencies,
  actor: string,
  agency: AgencyCode,
): Promise<void> {
  await choose(dependencies, actor, agency, null)
}

function choose(
  { pool, registry }: EndpointDependencies,
  actor: string,
  agency: AgencyCode,
  choice: EndpointChoice | null,
): Promise<Endpoint> {
  return inTransaction(pool, async (db) => {
    await lockDirectoryRevisions(db)
    const { directory } = await registry.upToDate(db)
    const today = vietnamDay(await databaseNow(db))
    const before = directory.fact(agency, 'endpoint', today)?.value
    const paused = await isPaused(db, agency)
    const after: Endpoint = { agency, ...(choice ?? DEFAULT), paused }
    if (before?.channel === choice?.channel && before?.url === choice?.url) return after
    if (!directory.isOpen(agency, today)) throw notOpen(agency)
    // Whoever made its client would change alone how all of those beneath are reached.
    if (before?.reaches === 'subtree') throw speaksForOthers(agency)
    const value: EndpointValue | null = choice && { ...choice, reaches: 'itself' }
    const delta = endpointFromToday(directory, agency, value, today)
    await insertDirectoryRevision(db, { author: actor, reason: OWN_CHOICE, draft: null }, delta)
    await recordEvents(db, [
      {
        kind: 'endpoint-changed',
        actor,
        agency,
        detail: { before: brief(before, paused), after: brief(choice ?? undefined, paused) },
      },
    ])
    return after
  })
}

const notItsOwn = (code: string, agency: AgencyCode, hint: Fault['hint']): GatewayError =>
  new GatewayError('request-invalid', {
    faults: [{ code, severity: 'error', path: '#/body', found: agency, hint }],
  })

const notOpen = (agency: AgencyCode): GatewayError =>
  notItsOwn('agency-not-open', agency, {
    vi: 'Cơ quan không hoạt động hôm nay nên không có điểm kết nối riêng.',
    en: 'The agency is not open today, and so has no endpoint of its own.',
  })

const speaksForOthers = (agency: AgencyCode): GatewayError =>
  notItsOwn('endpoint-reaches-others', agency, {
    vi: 'Điểm kết nối này phục vụ cả các đơn vị trực thuộc: chỉ đổi bằng bản nháp do hai quản trị soạn và duyệt.',
    en: 'This endpoint serves those beneath as well: it is changed by a draft of two administrators alone.',
  })

/** Holds back an agency's deliveries, or lets them go again. Nothing is lost meanwhile. */
export async function pauseEndpoint(
  dependencies: EndpointDependencies,
  actor: string,
  agency: AgencyCode,
  paused: boolean,
): Promise<Endpoint> {
  await inTransaction(dependencies.pool, async (db) => {
    const changed = paused ? await insertPause(db, agency, actor) : await deletePause(db, agency)
    if (changed) await recordPause(db, actor, agency, paused)
  })
  return getEndpoint(dependencies, agency)
}

const recordPause = (db: Transaction, actor: string, agency: AgencyCode, paused: boolean) =>
  recordEvents(db, [
    {
      kind: 'endpoint-changed',
      actor,
      agency,
      detail: { before: { paused: !paused }, after: { paused } },
    },
  ])

const brief = (endpoint: Pick<EndpointValue, 'channel' | 'url'> | undefined, paused: boolean) =>
  endpoint === undefined ? null : { channel: endpoint.channel, url: endpoint.url, paused }

/** Everything that is wrong with a choice of channel and URL. */
export function checkChoice({ channel, url }: EndpointChoice, allowHttp: boolean): Fault[] {
  if (CHANNELS[channel].needs !== 'endpoint') {
    return url === null
      ? []
      : [urlFault('url-unexpected', url, 'Kênh này không dùng URL.', 'This channel has no URL.')]
  }
  if (url === null)
    return [urlFault('url-missing', undefined, 'Kênh này cần URL.', 'This channel needs a URL.')]
  if (!URL.canParse(url)) return [urlFault('url-malformed', url, 'Ghi URL đầy đủ.', 'Give an absolute URL.')]
  return checkUrl(new URL(url), allowHttp)
}

function checkUrl({ protocol, username, password, hash }: URL, allowHttp: boolean): Fault[] {
  const faults: Fault[] = []
  if (protocol !== 'https:' && !(allowHttp && protocol === 'http:')) {
    faults.push(urlFault('url-not-https', `${protocol}//…`, 'URL phải là https.', 'The URL must be https.'))
  }
  // Credentials in a URL end up in logs, and a fragment is never sent.
  if (username !== '' || password !== '') {
    faults.push(
      urlFault(
        'url-credentials',
        undefined,
        'Bỏ tên và mật khẩu khỏi URL.',
        'Take name and password out of the URL.',
      ),
    )
  }
  if (hash !== '')
    faults.push(urlFault('url-fragment', hash, 'Bỏ phần # khỏi URL.', 'Take the # part out of the URL.'))
  return faults
}

const urlFault = (code: string, found: string | undefined, vi: string, en: string): Fault => ({
  code,
  severity: 'error',
  path: '#/body/url',
  found,
  hint: { vi, en },
})
