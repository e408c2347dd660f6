import type { TrustStore } from '../signature/trust-store.ts'
import { instant } from './instant.ts'
import type { BatchCommand } from './job.ts'
import { namedFiles, requiredText, text } from './job-fields.ts'
import { trustOf } from './trust-of.ts'
import { verifyFiles } from './verify-file.ts'

/** Answers jobs `{file, detached?, key?, trust?, time?}`. A trust folder is read once for all of them. */
export function verifyJobs(): BatchCommand {
  const folders = new Map<string, Promise<TrustStore>>()
  const trustIn = (folder: string): Promise<TrustStore> => {
    const known = folders.get(folder) ?? trustOf(folder)
    folders.set(folder, known)
    return known
  }
  return async (job) => {
    const [key, trust, time] = [text(job, 'key'), text(job, 'trust'), text(job, 'time')]
    const file = requiredText(job, 'file')
    const report = await verifyFiles({
      file,
      detached: namedFiles(job, 'detached'),
      time: time === undefined ? new Date() : instant('time', time),
      ...(key === undefined ? {} : { key }),
      ...(trust === undefined ? {} : { trust: await trustIn(trust) }),
    })
    return { file, ...report }
  }
}
