import { join } from 'node:path'
import type { Pool } from '../../../src/db/pool.ts'
import { createClient } from '../../../src/directory/clients.ts'
import type { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { AgencyOnDay } from '../../../src/domain/directory/resolution.ts'
import { type AgencyCode, agencyCode } from '../../../src/domain/identifiers.ts'
import { recordFacts } from '../../../test/support/record-facts.ts'
import { recordTable } from '../../../test/support/record-table.ts'
import type { Credentials } from '../../demo/http-client.ts'
import { runToEnd } from '../../demo/processes.ts'
import { tableOf } from './rules.ts'

/** The size of the national directory in October 2025. */
export const AGENCIES = 111_339
export const RULES = 5_000
export const MEMBERS = 11_000
/** A day on which the generated directory has that size. */
export const DAY = '2025-10-15'
export const GROUP = agencyCode('NHOM-11000')

/** Fills the empty directory as an operator does, from a generated file. @returns seconds */
export async function seedDirectory(folder: string, variables: Record<string, string>): Promise<number> {
  const file = join(folder, 'directory.ndjson')
  await runToEnd(
    ['directory', 'generate', '--agencies', String(AGENCIES), '--seed', '1', '--out', file],
    variables,
  )
  const began = performance.now()
  await runToEnd(['directory', 'seed', file], variables)
  return (performance.now() - began) / 1000
}

export const openAgencies = (directory: DirectorySnapshot, day: string): AgencyOnDay[] =>
  [...directory.codes()]
    .filter((code) => directory.isOpen(code, day))
    .map((code) => directory.agency(code, day)!)

/** Puts a table of five thousand rules in force. */
export const insertTable = (pool: Pool, agencies: readonly AgencyOnDay[]): Promise<unknown> =>
  recordTable(pool, tableOf(RULES, agencies))

/** Writes the group to which the circular goes. */
export const recordGroup = (pool: Pool, members: readonly AgencyCode[]): Promise<number> =>
  recordFacts(pool, [
    {
      subject: GROUP,
      kind: 'group',
      value: { name: 'Mười một nghìn nơi nhận', members: { codes: members } },
      validFrom: '2025-07-01',
      validTo: null,
    },
  ])

export async function addClient(pool: Pool, agency: AgencyCode): Promise<Credentials> {
  const clientId = `bench-${agency.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  const { secret } = await createClient(pool, { clientId, role: 'agency', agency, name: clientId }, 'bench')
  return { clientId, clientSecret: secret ?? '' }
}
