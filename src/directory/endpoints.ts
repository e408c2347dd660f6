import { recordEvents } from '../audit/record-events.ts'
import { findEndpoints } from '../db/agencies.ts'
import { deleteEndpoint, lockEndpoint, putEndpoint } from '../db/endpoints.ts'
import type { Pool, Queryable, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Endpoint } from '../domain/agency.ts'
import { CHANNELS, type EndpointChannelId } from '../domain/channel-id.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

export interface EndpointChoice {
  readonly channel: EndpointChannelId
  readonly url: string | null
}

/** What an agency has that never chose: it pulls from its mailbox. */
const defaultEndpoint = (agency: AgencyCode): Endpoint => ({
  agency,
  channel: 'mailbox',
  url: null,
  paused: false,
})

/** The endpoint of an agency; the default one where it has none of its own. */
export async function getEndpoint(db: Queryable, agency: AgencyCode): Promise<Endpoint> {
  return (await findEndpoints(db, [agency])).get(agency) ?? defaultEndpoint(agency)
}

/**
 * Sets how an agency is reached. Whether its deliveries are paused stays as it is.
 * @param actor client id
 * @param allowHttp development only: lets the URL be plain http
 * @throws GatewayError `request-invalid` where channel and URL do not go together, or the URL is not to be used
 */
export function setEndpoint(
  pool: Pool,
  actor: string,
  agency: AgencyCode,
  choice: EndpointChoice,
  allowHttp: boolean,
): Promise<Endpoint> {
  const faults = checkChoice(choice, allowHttp)
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
  return change(pool, actor, agency, (before) => ({ ...before, ...choice }))
}

/** Puts an agency back to its mailbox. A pause outlives this: only who made it may lift it. */
export async function removeEndpoint(pool: Pool, actor: string, agency: AgencyCode): Promise<void> {
  await change(pool, actor, agency, ({ paused }) => ({ ...defaultEndpoint(agency), paused }))
}

/** Holds back an agency's deliveries, or lets them go again. Nothing is lost meanwhile. */
export const pauseEndpoint = (
  pool: Pool,
  actor: string,
  agency: AgencyCode,
  paused: boolean,
): Promise<Endpoint> => change(pool, actor, agency, (before) => ({ ...before, paused }))

function change(
  pool: Pool,
  actor: string,
  agency: AgencyCode,
  decide: (before: Endpoint) => Endpoint,
): Promise<Endpoint> {
  return inTransaction(pool, async (db) => {
    const before = await lockEndpoint(db, agency)
    const after = decide(before ?? defaultEndpoint(agency))
    await write(db, before, after)
    await recordEvents(db, [
      { kind: 'endpoint-changed', actor, agency, detail: { before: brief(before), after: brief(after) } },
    ])
    return after
  })
}

/** The default is the absence of a row. */
async function write(db: Transaction, before: Endpoint | undefined, after: Endpoint): Promise<void> {
  const isDefault = after.channel === 'mailbox' && !after.paused
  if (!isDefault) await putEndpoint(db, after)
  else if (before !== undefined) await deleteEndpoint(db, after.agency)
}

const brief = (endpoint: Endpoint | undefined) =>
  endpoint === undefined ? null : { channel: endpoint.channel, url: endpoint.url, paused: endpoint.paused }

function checkChoice({ channel, url }: EndpointChoice, allowHttp: boolean): Fault[] {
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
