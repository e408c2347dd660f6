import { setTimeout } from 'node:timers/promises'
import { type Config, ConfigError, filesToGuard, loadConfig, type ProcessKind } from '../config.ts'
import { createPool } from '../db/pool.ts'
import { readArguments } from './arguments.ts'
import { agencyKeyCheck } from './doctor-agency-keys.ts'
import { axisDoorCheck } from './doctor-axis-door.ts'
import { axisSecretCheck } from './doctor-axis-secrets.ts'
import { blobStoreCheck } from './doctor-blobs.ts'
import { connectorChecks } from './doctor-connectors.ts'
import { databaseChecks } from './doctor-database.ts'
import { guardedFilesCheck } from './doctor-files.ts'
import { keyChecks } from './doctor-keys.ts'
import { stampingChecks } from './doctor-stamping.ts'
import type { Check, Finding } from './finding.ts'

const MARKS: Record<Finding['outcome'], string> = {
  ok: 'ĐẠT/ok      ',
  warning: 'CHÚ Ý/warn  ',
  failed: 'LỖI/failed  ',
}

/**
 * `tram doctor [--adopt-store]`: whether this machine can run the gateway; one line each, exit code 1 if something is
 * wrong. With the option the folder of blobs, as it is, becomes the store of the database.
 */
export async function doctor(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], { 'adopt-store': { type: 'boolean', default: false } })
  const [api, worker] = [readConfig('api'), readConfig('worker')]
  const findings = [api.finding, worker.finding]
  if (api.config !== undefined) {
    for (const check of checksWithoutServers(api.config)) findings.push(await look(check))
    findings.push(...(await Promise.all(connectorChecks(api.config.connectors).map(look))))
  }
  const { config } = readConfig('migrate')
  if (config !== undefined) {
    const pool = createPool({
      databaseUrl: config.databaseUrl,
      max: 2,
      applicationName: 'tram-doctor',
      onError: () => undefined,
    })
    for (const check of databaseChecks(pool, config)) findings.push(await look(check))
    if (api.config !== undefined) {
      findings.push(await look(blobStoreCheck(pool, api.config, values['adopt-store'])))
      findings.push(await look(agencyKeyCheck(pool, api.config)))
      findings.push(await look(axisSecretCheck(pool, api.config)))
    }
    if (worker.config !== undefined) {
      const grace = (api.config ?? worker.config).stamping.graceSeconds
      for (const check of stampingChecks(pool, worker.config, grace)) findings.push(await look(check))
    }
    await pool.end()
  }
  for (const { outcome, what, detail } of findings)
    console.log(`${MARKS[outcome]}${what}: ${detail.replaceAll(/\s*\n\s*/g, ' ')}`)
  return findings.some(({ outcome }) => outcome === 'failed') ? 1 : 0
}

const checksWithoutServers = (config: Config): Check[] => [
  ...keyChecks(config),
  axisDoorCheck(config),
  guardedFilesCheck(filesToGuard('api', 'worker'), config.mode === 'production'),
]

function readConfig(process: ProcessKind): { readonly config?: Config; readonly finding: Finding } {
  const what = `cấu hình/configuration (${process})`
  try {
    return { config: loadConfig(process), finding: { outcome: 'ok', what, detail: 'complete' } }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { finding: { outcome: 'failed', what, detail: error.faults.join('; ') } }
  }
}

/** A store or a server that hangs is found by its silence. */
const PATIENCE_MS = 10_000

async function look({ what, look }: Check): Promise<Finding> {
  const silence = new AbortController()
  const late = setTimeout(PATIENCE_MS, undefined, { signal: silence.signal }).then(() => {
    throw new Error(`no answer within ${PATIENCE_MS / 1_000} s`)
  })
  try {
    return { what, ...(await Promise.race([look(), late])) }
  } catch (error) {
    const detail = error instanceof Error ? tell(error) : String(error)
    return { what, outcome: 'failed', detail: detail || 'no answer' }
  } finally {
    late.catch(() => undefined)
    silence.abort()
  }
}

/** The cause behind the causes is what a person can act on; what tells of it and of where it lies tells more. */
function tell(error: Error): string {
  const { message } = deepest(error)
  return error.message.includes(message) ? error.message : message
}

const deepest = (error: Error): Error => (error.cause instanceof Error ? deepest(error.cause) : error)
