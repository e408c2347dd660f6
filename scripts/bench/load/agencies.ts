import type { Pool } from '../../../src/db/pool.ts'
import { createClient } from '../../../src/directory/clients.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { agencyFacts, recordFacts } from '../../../test/support/record-facts.ts'
import type { Credentials } from '../../demo/http-client.ts'

const codes = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 10}`)

/** Ministries send; provinces and communes take. Their number is such that nobody comes near a client's limits. */
export const SENDERS: readonly string[] = codes('G', 20)
export const RECEIVERS: readonly string[] = codes('H', 20).flatMap((code) => [code, `${code}.31`])

export interface Party {
  readonly code: string
  readonly credentials: Credentials
}

export interface Parties {
  readonly senders: readonly Party[]
  readonly receivers: readonly Party[]
}

const tierOf = (code: string): string =>
  code.includes('.') ? 'commune' : code.startsWith('G') ? 'central' : 'province'

/** Puts senders and receivers into an empty directory, each with a client. */
export async function seedParties(pool: Pool): Promise<Parties> {
  const facts = [...SENDERS, ...RECEIVERS].flatMap((code) =>
    agencyFacts({ code, tier: tierOf(code), parent: code.includes('.') ? code.split('.')[0]! : null }),
  )
  await recordFacts(pool, facts)
  const party = async (code: string): Promise<Party> => {
    const clientId = `bench.${code.toLowerCase()}`
    const client = { clientId, role: 'agency' as const, agency: agencyCode(code), name: `DMS ${code}` }
    const { secret } = await createClient(pool, client, 'cli:bench')
    return { code, credentials: { clientId, clientSecret: secret ?? '' } }
  }
  const all = async (of: readonly string[]) => {
    const parties: Party[] = []
    for (const code of of) parties.push(await party(code))
    return parties
  }
  return { senders: await all(SENDERS), receivers: await all(RECEIVERS) }
}

/** The recipients of a document: neighbours of each other, from one that turns with its number. */
export const recipientsOf = (number: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => RECEIVERS[(number + index) % RECEIVERS.length]!)
