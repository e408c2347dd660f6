import { userInfo } from 'node:os'
import { loadConfig } from '../config.ts'
import { databaseError } from '../db/errors.ts'
import { createPool, type Pool } from '../db/pool.ts'
import { usableWith } from '../domain/axis/connector.ts'
import type { UsableChannels } from '../domain/channel-id.ts'
import { GatewayError, PROBLEMS } from '../domain/problem.ts'

/** Who brings about what a command changes, as it stands on record. */
export const operator = (): { readonly clientId: string } => ({ clientId: `cli:${userInfo().username}` })

/** The channels that this installation can use, by its configuration. @throws ConfigError */
export const usableChannels = (): UsableChannels => usableWith(loadConfig('migrate').connectors)

/** Runs a command over the database. What the gateway refuses is told in both languages; the exit code is then 1. */
export async function withDatabase(work: (pool: Pool) => Promise<void>): Promise<number> {
  const { databaseUrl } = loadConfig('migrate')
  const pool = createPool({ databaseUrl, max: 2, applicationName: 'tram-cli', onError: () => undefined })
  try {
    await work(pool)
    return 0
  } catch (thrown) {
    const error = databaseError(thrown)
    if (!(error instanceof GatewayError)) throw error
    tell(error)
    return 1
  } finally {
    await pool.end()
  }
}

function tell({ code, detail, faults }: GatewayError): void {
  const { title } = PROBLEMS[code]
  console.error(`${code}: ${title.vi} / ${title.en}`)
  if (detail !== undefined) console.error(`  ${detail.vi}\n  ${detail.en}`)
  for (const fault of faults) {
    console.error(
      `  ${fault.code} ${fault.path?.replace('#/body/', '') ?? ''} ${fault.found ?? ''}`.trimEnd(),
    )
    console.error(`    ${fault.hint.vi}\n    ${fault.hint.en}`)
  }
}

/** Rows for people, in columns. */
export function printTable(rows: readonly (readonly (string | number | null)[])[]): void {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '-')))
  const widths = cells.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, [...cell].length)),
    [],
  )
  for (const row of cells) {
    const padded = row.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length))
    console.log(padded.join('  ').trimEnd())
  }
}
