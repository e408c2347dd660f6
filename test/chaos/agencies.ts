import type { Pool } from '../../src/db/pool.ts'
import { createClient } from '../../src/directory/clients.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { agencyFacts, endpointFact, recordFacts } from '../support/record-facts.ts'

/** How a system learns of what waits for it: it lists its inbox, borrows from it, or is told at an endpoint. */
export type Way = 'list' | 'claims' | 'push'

export interface TrialAgency {
  readonly code: string
  readonly tier: 'central' | 'province' | 'commune'
  readonly sends: boolean
  readonly way: Way
}

const agency = (code: string, way: Way, sends = false): TrialAgency => ({
  code,
  tier: code.includes('.') ? 'commune' : code.startsWith('G') ? 'central' : 'province',
  way,
  sends,
})

const COMMUNE_WAYS: readonly Way[] = ['list', 'claims', 'push']
const communes = ['H81', 'H82', 'H83', 'H84']
  .flatMap((province) => [`${province}.31`, `${province}.32`])
  .map((code, index) => agency(code, COMMUNE_WAYS[index % COMMUNE_WAYS.length]!))

/** Senders also receive, what is reported to them; the others only receive. */
export const TRIAL_AGENCIES: readonly TrialAgency[] = [
  agency('G81', 'list', true),
  agency('G82', 'list', true),
  agency('H81', 'list', true),
  agency('H82', 'claims', true),
  agency('G83', 'list'),
  agency('G84', 'push'),
  agency('H83', 'claims'),
  agency('H84', 'push'),
  ...communes,
]

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

const factsOf = ({ code, tier }: TrialAgency): NewFact[] =>
  agencyFacts({ code, tier, parent: code.includes('.') ? code.split('.')[0]! : null })

/**
 * Puts the agencies of the trial into an empty directory, each with a client.
 * @param endpoints URLs by agency, for those that are told by push
 */
export async function seedTrial(
  pool: Pool,
  endpoints: ReadonlyMap<string, string>,
): Promise<Map<string, Credentials>> {
  await recordFacts(pool, [
    ...TRIAL_AGENCIES.flatMap(factsOf),
    ...[...endpoints].map(([code, url]) => endpointFact(code, url)),
  ])
  const credentials = new Map<string, Credentials>()
  for (const { code } of TRIAL_AGENCIES) {
    const clientId = `dms.${code.toLowerCase()}`
    const client = { clientId, role: 'agency' as const, agency: agencyCode(code), name: `DMS ${code}` }
    const { secret } = await createClient(pool, client, 'test')
    credentials.set(code, { clientId, clientSecret: secret ?? '' })
  }
  return credentials
}
