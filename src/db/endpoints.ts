import type { Endpoint } from '../domain/agency.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import type { Transaction } from './pool.ts'

interface EndpointRow {
  agency_code: string
  channel: Endpoint['channel']
  url: string | null
  paused: boolean
}

/** An agency's endpoint, locked with the agency itself, so that two changes come one after the other. */
export async function lockEndpoint(db: Transaction, agency: AgencyCode): Promise<Endpoint | undefined> {
  await db.query('select from agency where code = $1 for no key update', [agency])
  const { rows } = await db.query<EndpointRow>(
    'select agency_code, channel, url, paused from endpoint where agency_code = $1',
    [agency],
  )
  const row = rows[0]
  return (
    row && { agency: agencyCode(row.agency_code), channel: row.channel, url: row.url, paused: row.paused }
  )
}

/** Writes the whole endpoint, whether there was one or not. */
export async function putEndpoint(db: Transaction, endpoint: Endpoint): Promise<void> {
  await db.query(
    `insert into endpoint (agency_code, channel, url, paused) values ($1, $2, $3, $4)
      on conflict (agency_code) do update
      set channel = $2, url = $3, paused = $4, changed_at = clock_timestamp()`,
    [endpoint.agency, endpoint.channel, endpoint.url, endpoint.paused],
  )
}

export async function deleteEndpoint(db: Transaction, agency: AgencyCode): Promise<void> {
  await db.query('delete from endpoint where agency_code = $1', [agency])
}
