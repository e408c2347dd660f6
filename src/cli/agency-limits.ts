import { findAgencyLimits } from '../db/agency-limits.ts'
import { getAgency } from '../directory/agencies.ts'
import { NO_OWN_LIMITS, setAgencyLimits } from '../directory/agency-limits.ts'
import { AGENCY_LIMITS, LIMIT_NAMES, type LimitName, type OwnLimits } from '../domain/agency-limit.ts'
import { directoryOf } from './agency.ts'
import { readArguments } from './arguments.ts'
import { UsageError } from './usage-error.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

/** Options by the limit that each sets; `default` puts it back to what holds for all. */
const OPTIONS = {
  requestsPerMinute: 'rate',
  concurrentSubmissions: 'concurrent',
  packetBytes: 'packet-bytes',
  storedBytes: 'stored-bytes',
  share: 'share',
} as const satisfies Record<LimitName, string>

/** `tram agency limits CODE`: shows what is set for one agency, and changes what is named. */
export function agencyLimits(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['CODE'], {
    rate: { type: 'string' },
    concurrent: { type: 'string' },
    'packet-bytes': { type: 'string' },
    'stored-bytes': { type: 'string' },
    share: { type: 'string' },
  })
  const changes = LIMIT_NAMES.flatMap((name) => {
    const text = values[OPTIONS[name]]
    return text === undefined ? [] : [[name, limitOf(name, text)] as const]
  })
  return withDatabase(async (pool) => {
    const agency = getAgency(await directoryOf(pool), positionals[0]!).code
    const known: OwnLimits = (await findAgencyLimits(pool, agency)) ?? NO_OWN_LIMITS
    const limits: OwnLimits = { ...known, ...Object.fromEntries(changes) }
    if (changes.length > 0) await setAgencyLimits(pool, operator().clientId, agency, limits)
    printTable(LIMIT_NAMES.map((name) => [name, limits[name] ?? 'default', AGENCY_LIMITS[name].label.vi]))
  })
}

function limitOf(name: LimitName, text: string): number | null {
  if (text === 'default') return null
  const { least, most } = AGENCY_LIMITS[name]
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`--${OPTIONS[name]} is a whole number from ${least} to ${most}, or default`)
}
