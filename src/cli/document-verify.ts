import { loadConfig } from '../config.ts'
import { openBlobs } from '../context/open-blobs.ts'
import { readRegistry } from '../directory/snapshot/read-registry.ts'
import { documentKey } from '../domain/identifiers.ts'
import type { LegalValue } from '../domain/signature-report.ts'
import { verifyAgain } from '../intake/verify-again.ts'
import { loadPolicies } from '../signature/policy/load-policies.ts'
import { loadTrustStore } from '../signature/trust-store.ts'
import { readArguments, uuid } from './arguments.ts'
import { instant } from './instant.ts'
import { trustOf } from './trust-of.ts'
import { withDatabase } from './with-database.ts'

const RANK: Record<LegalValue, number> = { 'reference-only': 0, 'agency-only': 1, 'agency-and-person': 2 }

/**
 * `tram document verify ID [--time T] [--trust DIR]`: verifies the signatures of a stored document again, offline, and
 * prints one JSON line. The exit code is 1 where the document has less legal value than at intake.
 */
export async function documentVerify(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], {
    time: { type: 'string' },
    trust: { type: 'string' },
  })
  const key = documentKey(uuid(positionals[0]!))
  const time = values.time === undefined ? undefined : instant('time', values.time)
  const config = loadConfig('api')
  const trust = values.trust === undefined ? await loadTrustStore(config.trust) : await trustOf(values.trust)
  const policyFor = await loadPolicies(config.signaturePolicy ?? undefined)
  let stands = false
  const code = await withDatabase(async (pool) => {
    const blobs = openBlobs(config, pool)
    const registry = { upToDate: readRegistry }
    const dependencies = { pool, registry, blobs, trust, policyFor, most: config.maxPacketBytes }
    const found = await verifyAgain(dependencies, key, time)
    stands = RANK[found.legalValue] >= RANK[found.atIntake.legalValue]
    console.log(JSON.stringify({ document: key, ...found, time: found.time.toISOString() }))
  })
  return code === 0 && stands ? 0 : 1
}
