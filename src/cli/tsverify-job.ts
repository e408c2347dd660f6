import { readFile, stat } from 'node:fs/promises'
import { unarmoured } from '../signature/formats/cms-armour.ts'
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
  const bytes = size > MAX_TOKEN_BYTES ? Buffer.alloc(0) : plain(await readFile(token))
  return data === undefined ? tsverify(bytes) : withFileSource(data, (source) => tsverify(bytes, source))
}

const BASE64 = /^MI[A-Za-z0-9+/\s]+={0,2}\s*$/

/** What mail and tools write in letters: PEM (RFC 7468) or bare base64. */
function plain(bytes: Buffer): Uint8Array {
  if (bytes[0] === 0x4d && BASE64.test(bytes.toString('latin1')))
    return Buffer.from(bytes.toString('latin1'), 'base64')
  return unarmoured(bytes) ?? bytes
}
