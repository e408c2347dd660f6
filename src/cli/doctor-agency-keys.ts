import type { Config } from '../config.ts'
import { listAgencyKeys } from '../db/agency-keys.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { GatewayError } from '../domain/problem.ts'
import { keyOpener } from '../sealing/open-key.ts'
import { secretBox } from '../sealing/secret-box.ts'
import type { Check } from './finding.ts'

/** Opening a PKCS#12 file takes a while: those of a few agencies tell whether the secret is the right one. */
const MOST_TRIED = 50

const WHAT = 'khóa con dấu của cơ quan/agency seal keys'

/** Whether the keys that agencies keep here can be opened: under another secret than theirs they are of no use. */
export const agencyKeyCheck = (
  pool: Pool,
  { agencyKeysSecret, agencyKeysModules }: Pick<Config, 'agencyKeysSecret' | 'agencyKeysModules'>,
): Check => ({
  what: WHAT,
  async look() {
    const now = await databaseNow(pool)
    const inForce = (await listAgencyKeys(pool, {})).filter(
      ({ revokedAt, notAfter }) => revokedAt === null && notAfter > now,
    )
    if (inForce.length === 0) return { outcome: 'ok', detail: 'none is kept' }
    if (agencyKeysSecret === null)
      return { outcome: 'failed', detail: `${inForce.length} kept, but TRAM_AGENCY_KEYS_SECRET is not set` }
    const open = keyOpener(secretBox(agencyKeysSecret), agencyKeysModules)
    const faults: string[] = []
    const tried = inForce.slice(0, MOST_TRIED)
    for (const record of tried) {
      await open(pool, record).catch((error: unknown) => {
        faults.push(`${record.id} of ${record.agency} (${reasonOf(error)})`)
      })
    }
    if (faults.length === 0)
      return { outcome: 'ok', detail: `${inForce.length} in force; ${tried.length} opened` }
    return { outcome: 'failed', detail: `cannot be opened: ${faults.join('; ')}` }
  },
})

/** The problem document that callers get says no more than that the key cannot be used. */
const reasonOf = (error: unknown): string => {
  const reason = error instanceof GatewayError ? (error.cause ?? error) : error
  return reason instanceof Error ? reason.message : String(reason)
}
