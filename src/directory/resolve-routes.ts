import { type AgencyRecord, findEndpoints } from '../db/agencies.ts'
import type { Queryable } from '../db/pool.ts'
import { currentRoutingTable } from '../db/routing.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { chooseRoute, type Route, type RoutingFacts } from '../domain/routing.ts'

export interface RoutedRecipient {
  readonly agency: AgencyRecord
  readonly route: Route
}

/** The way to each recipient by the routing table in force, with its explanation. */
export async function resolveRoutes(
  db: Queryable,
  recipients: readonly AgencyRecord[],
  facts: Omit<RoutingFacts, 'recipient' | 'endpoint'>,
): Promise<Map<AgencyCode, RoutedRecipient>> {
  const [table, endpoints] = await Promise.all([
    currentRoutingTable(db),
    findEndpoints(
      db,
      recipients.map((agency) => agency.code),
    ),
  ])
  return new Map(
    recipients.map((agency) => {
      const endpoint = endpoints.get(agency.code)
      const route = chooseRoute(table.revision, table.rules, { ...facts, recipient: agency, endpoint })
      return [agency.code, { agency, route }]
    }),
  )
}
