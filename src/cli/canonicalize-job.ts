import { realpath } from 'node:fs/promises'
import { SignatureStop } from '../signature/checks.ts'
import { canonicalAnswer } from './canonical-answer.ts'
import { canonicalizeFile, entitiesBeside, readXmlFile } from './canonicalize-file.ts'
import type { BatchCommand, Job } from './job.ts'
import { requiredText, text, texts } from './job-fields.ts'
import { UsageError } from './usage-error.ts'

/** Answers jobs `{file, alg, elementIndex?, prefixes?, xpath?}` with the octets' digest, and the octets where short. */
export const canonicalizeJobs = (): BatchCommand => async (job) => {
  const [file, alg] = [requiredText(job, 'file'), requiredText(job, 'alg')]
  const [elementIndex, xpath, prefixes] = [elementIndexOf(job), text(job, 'xpath'), texts(job, 'prefixes')]
  try {
    const octets = canonicalizeFile(await readXmlFile(file), {
      alg,
      ...(elementIndex !== undefined && { elementIndex }),
      ...(prefixes.length > 0 && { prefixes: prefixes.join(' ') }),
      ...(xpath !== undefined && { xpath: await readXmlFile(xpath) }),
      entity: entitiesBeside(await realpath(file)),
    })
    return canonicalAnswer(file, alg, octets)
  } catch (error) {
    if (!(error instanceof SignatureStop)) throw error
    return { file, alg, error: { code: error.check.code ?? 'xml-unreadable', message: error.message } }
  }
}

/** @throws UsageError where it is there and no position */
function elementIndexOf(job: Job): number | undefined {
  const value = job.elementIndex ?? job['element-index'] ?? undefined
  if (value === undefined) return undefined
  const index = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof index === 'number' && Number.isSafeInteger(index) && index >= 0) return index
  throw new UsageError('elementIndex is no position')
}
