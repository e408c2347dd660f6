import { GatewayError } from '../../domain/problem.ts'
import type { UploadPart } from '../../intake/receive-upload.ts'
import { DelimitedReader } from './delimited-reader.ts'
import { malformed } from './malformed.ts'
import { readPartHeaders } from './part-headers.ts'

const CRLF = Buffer.from('\r\n')
const BLANK_LINE = Buffer.from('\r\n\r\n')
/** Of one part: a disposition with a long name in both spellings, and a media type. */
const MAX_HEADER_BYTES = 8 * 1024
/** More than a header and the most files that a packet takes. */
const MAX_PARTS = 600
const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i

/**
 * The parts of a form (RFC 7578) as they come, each to be read before the next. Strict where common parsers are
 * lenient: they pass over a part that they do not understand, and a file would be missing from a document.
 * @throws GatewayError `request-malformed`, here and while a content is read; `payload-too-large` at the first part too
 *   many
 */
export async function* formParts(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<UploadPart> {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw malformed('Thiếu boundary.', 'The Content-Type names no boundary.')
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter may stand at the very beginning.
  const reader = new DelimitedReader(body, CRLF)
  for await (const before of reader.until(delimiter)) if (!isLineEnds(before)) throw stray()
  for (let parts = 1; (await reader.take(2)).equals(CRLF); parts++) {
    if (parts > MAX_PARTS) throw tooMany()
    const content = reader.until(delimiter)
    yield { ...readPartHeaders(await headerOf(reader)), content }
    for await (const _unread of content);
  }
  for await (const _epilogue of reader.rest());
}

/** The bytes of a part's header, without the blank line that ends it. */
async function headerOf(reader: DelimitedReader): Promise<Buffer> {
  reader.putBack(CRLF)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of reader.until(BLANK_LINE, false)) {
    length += chunk.length
    if (length > MAX_HEADER_BYTES)
      throw malformed('Phần đầu của part quá dài.', 'The header of a part is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).subarray(CRLF.length)
}

/** Some senders begin with empty lines; anything else may be a part whose boundary was lost. */
const isLineEnds = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x0d || byte === 0x0a)

const tooMany = () =>
  new GatewayError('payload-too-large', {
    detail: { vi: `Giới hạn: ${MAX_PARTS} part.`, en: `The limit: ${MAX_PARTS} parts.` },
  })

const stray = () =>
  malformed('Có nội dung trước boundary đầu tiên.', 'Something stands before the first boundary.')
