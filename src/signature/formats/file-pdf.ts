import type { ByteSource } from '../byte-source.ts'
import type { CheckedSignature } from '../checks.ts'
import type { Given } from './given.ts'
import { checkPdf } from './pades-file.ts'

/** The signatures of one PDF, each with what was added to the file after it. */
export const checkPdfFile = (content: ByteSource, { key }: Given): Promise<CheckedSignature[]> =>
  checkPdf(content, key === undefined ? {} : { key })
