import { type ByteSource, chunksOf } from '../byte-source.ts'
import { type CheckedSignature, checking, passed, unverifiable } from '../checks.ts'
import { checkCms, openCms } from './cms.ts'
import { unarmoured } from './cms-armour.ts'
import type { SignedData } from './cms-structure.ts'
import type { Given } from './given.ts'
import { hidesPdf, notOverPdf } from './opens-as-pdf.ts'

const MAX_CMS_BYTES = 64 * 1024 * 1024

/** A CMS file with its content inside, or with the content that is given; else the result says that it is not here. */
export async function checkCmsFile(content: ByteSource, given: Given): Promise<CheckedSignature[]> {
  const stop = (error: Error) => checking('cms', () => Promise.reject(error))
  if (content.length > MAX_CMS_BYTES)
    return [await stop(unverifiable('form', 'cms-unreadable', `${content.length}`))]
  try {
    const bytes = unarmoured(await content.read(0, content.length))
    if (bytes === undefined) return [await stop(unverifiable('form', 'cms-unreadable', 'base64'))]
    const data = openCms(bytes)
    if (!(data.isAttached ? data.length === bytes.length : isPadding(bytes.subarray(data.length))))
      return [await stop(unverifiable('form', 'signature-malformed', 'trailing bytes'))]
    const signatures = (await checkWith(data, given)).map(overItsContent)
    return hidesPdf(bytes, data) ? notOverPdf(signatures) : signatures
  } catch (error) {
    return [await stop(error as Error)]
  }
}

const overItsContent = (one: CheckedSignature): CheckedSignature =>
  one.checks.some(({ check }) => check === 'whole-document')
    ? one
    : { ...one, checks: [...one.checks, passed('whole-document')] }

/**
 * Signers with a buffer of fixed length leave zeros behind, editors a line end: neither says anything, where the
 * document is another file.
 */
const isPadding = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte === 0 || byte === 0x0a || byte === 0x0d)

/** As many files as are tried for the content of one signature. */
const MAX_CANDIDATES = 16

/**
 * A CMS names no file: the one that is given is the content, whatever its name. Of several it is the one that fits;
 * the references then say which.
 */
async function checkWith(data: SignedData, { detached, key }: Given): Promise<CheckedSignature[]> {
  const options = key === undefined ? {} : { key }
  const files = data.isAttached ? [] : [...(detached ?? [])].slice(0, MAX_CANDIDATES)
  if (files.length === 0) return checkCms('cms', data, undefined, options)
  let found: CheckedSignature[] = []
  for (const [name, source] of files) {
    found = await checkCms('cms', data, () => chunksOf(source), options)
    if (files.length > 1) found = found.map((one) => (one.counterSignature ? one : named(one, name)))
    if (found.some((one) => !one.counterSignature && isIntact(one))) break
  }
  return found
}

const isIntact = ({ references }: CheckedSignature): boolean =>
  references.some(({ intact }) => intact === true)

const named = (one: CheckedSignature, uri: string): CheckedSignature => ({
  ...one,
  references: one.references.map(({ intact }) => ({ uri, intact })),
})
