import { type ByteSource, chunksOf } from '../byte-source.ts'
import { type CheckedSignature, checking, passed, unverifiable } from '../checks.ts'
import { type Content, checkCms, openCms } from './cms.ts'
import type { Given } from './given.ts'

const MAX_CMS_BYTES = 64 * 1024 * 1024

/** A CMS file with its content inside, or with the content that is given; else the result says that it is not here. */
export async function checkCmsFile(content: ByteSource, given: Given): Promise<CheckedSignature[]> {
  const stop = (error: Error) => checking('cms', () => Promise.reject(error))
  if (content.length > MAX_CMS_BYTES)
    return [await stop(unverifiable('form', 'cms-unreadable', `${content.length}`))]
  try {
    const bytes = await content.read(0, content.length)
    const data = openCms(bytes)
    if (data.length !== bytes.length)
      return [await stop(unverifiable('form', 'signature-malformed', 'trailing bytes'))]
    return (await checkCms('cms', data, detachedContent(given))).map(overItsContent)
  } catch (error) {
    return [await stop(error as Error)]
  }
}

const overItsContent = (one: CheckedSignature): CheckedSignature =>
  one.checks.some(({ check }) => check === 'whole-document')
    ? one
    : { ...one, checks: [...one.checks, passed('whole-document')] }

/** A CMS names no file: the one that is given is the content, whatever its name. */
function detachedContent({ detached }: Given): Content | undefined {
  const [only, ...others] = detached?.values() ?? []
  return only === undefined || others.length > 0 ? undefined : () => chunksOf(only)
}
