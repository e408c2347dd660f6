import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileSource, withFileSources } from '../../src/cli/file-source.ts'
import { isUnknownKey, readKey } from '../../src/cli/read-key.ts'
import { type VerifyGiven, verifyContent } from '../../src/cli/verify-file.ts'
import { unknownKeyReport, type VerifyReport } from '../../src/cli/verify-report.ts'
import { bytesSource } from '../../src/signature/byte-source.ts'
import type { TrustStore } from '../../src/signature/trust-store.ts'
import type { Case, Fact, Verdict } from './judged.ts'
import { outcomeOf } from './verdict-words.ts'

export interface SignedFileCase extends Case {
  readonly file: string
  readonly detached?: readonly { readonly name: string; readonly file: string }[]
}

/** A day after all of the files were made: the integrity that is judged here does not depend on it. */
const TIME = new Date('2026-01-01T00:00:00Z')

interface With {
  /** Relative to the folder. */
  readonly key?: string
  readonly trust?: TrustStore
  readonly time?: Date
  readonly detached?: SignedFileCase['detached']
}

/** Verifies a file of a corpus just as `tram verify` does. */
export async function verifyCase(
  one: SignedFileCase,
  folder: string,
  given: With = {},
): Promise<VerifyReport> {
  const files = (given.detached ?? one.detached ?? []).map(
    ({ name, file }) => [name, join(folder, file)] as const,
  )
  const key =
    given.key === undefined ? undefined : readKey(await readFile(join(folder, given.key)), given.key)
  if (key !== undefined && isUnknownKey(key)) return unknownKeyReport(key.algorithmOid)
  const base: Omit<VerifyGiven, 'detached'> = {
    time: given.time ?? TIME,
    ...(given.trust === undefined ? {} : { trust: given.trust }),
    ...(key === undefined ? {} : { key }),
  }
  return withFileSource(join(folder, one.file), (content) =>
    withFileSources(files, (detached) => verifyContent(content, { ...base, detached })),
  )
}

/** The same for bytes in memory. */
export const verifyBytes = (
  bytes: Uint8Array,
  detached: readonly (readonly [name: string, bytes: Uint8Array])[],
): Promise<VerifyReport> =>
  verifyContent(bytesSource(bytes), {
    time: TIME,
    detached: new Map(detached.map(([name, one]) => [name, bytesSource(one)])),
  })

export function verdictOf(one: Case, report: VerifyReport, facts: readonly Fact[] = []): Verdict {
  return {
    expected: one.expect.verdict,
    answered: report.overall,
    outcome: outcomeOf(one, report.overall),
    why: whyOf(report),
    facts,
  }
}

/** What failed, each signature's own, shortened. */
export function whyOf({ signatures }: VerifyReport): string {
  const failures = signatures.flatMap(({ id, checks }) =>
    checks
      .filter(({ outcome, check }) => outcome === 'failed' && check !== 'chain')
      .map(({ check, reason }) => `${id} ${check}: ${reason?.en ?? 'failed'}`),
  )
  const text = [...new Set(failures)].slice(0, 4).join('; ')
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
