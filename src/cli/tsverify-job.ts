import { readFile, stat } from 'node:fs/promises'
import { withFileSource } from './file-source.ts'
import type { BatchCommand } from './job.ts'
import { requiredText, text } from './job-fields.ts'
import { type TimestampReport, tsverify } from './tsverify-report.ts'

/** Far above any token, evidence included. */
const MAX_TOKEN_BYTES = 64 * 1024 * 1024

/** Answers jobs `{token, data?}`. */
export const tsverifyJobs = (): BatchCommand => async (job) => {
  const token = requiredText(job, 'token')
  return { token, ...(await verifyTokenFile(token, text(job, 'data'))) }
}

/** @throws what node:fs throws */
export async function verifyTokenFile(token: string, data: string | undefined): Promise<TimestampReport> {
  // What is no token is not read whole, to be told so.
  const { size } = await stat(token)
  const bytes = size > MAX_TOKEN_BYTES ? Buffer.alloc(0) : await readFile(token)
  return data === undefined ? tsverify(bytes) : withFileSource(data, (source) => tsverify(bytes, source))
}
