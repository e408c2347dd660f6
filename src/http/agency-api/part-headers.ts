import type { UploadPart } from '../../intake/receive-upload.ts'
import { malformed } from './malformed.ts'

type PartHeaders = Omit<UploadPart, 'content'>

// Strangers choose what these read: each character can be matched in one way only, so that a refusal takes no longer
// than the header is.
const FIELD = /^([!#$%&'*+.^`|~\w-]+):(.*)$/
/** A backslash before another character stands for itself: old senders write a path, `C:\thư mục\a.pdf`. */
const PARAMETER = /;[ \t]*([!#$%&'+.^`|~\w-]+\*?)=(?:"((?:[^"\\]|\\["\\]|\\(?!["\\]))*)"|([^\s;"]+))[ \t]*/y
const AS_IT_IS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])

/**
 * What the header of a part says (RFC 7578 §4). File names are UTF-8, as every sender of today writes them, or
 * `filename*` (RFC 8187); a path before the name is left out.
 * @throws GatewayError `request-malformed` where anything in it cannot be understood
 */
export function readPartHeaders(bytes: Uint8Array): PartHeaders {
  const fields = readFields(bytes)
  const encoding = fields.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
  if (!AS_IT_IS.has(encoding)) throw unreadable(`Content-Transfer-Encoding: ${encoding}`)
  const disposition = fields.get('content-disposition')
  if (disposition === undefined) throw unreadable('Content-Disposition')
  const parameters = readParameters(disposition)
  const extended = parameters.get('filename*')
  const fileName = extended === undefined ? parameters.get('filename') : decodeExtended(extended)
  return {
    name: parameters.get('name'),
    fileName: fileName?.replace(/^.*[/\\]/s, ''),
    contentType:
      fields.get('content-type') ?? (fileName === undefined ? 'text/plain' : 'application/octet-stream'),
  }
}

function readFields(bytes: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of decodeUtf8(bytes).split('\r\n')) {
    const [, name, written] = FIELD.exec(line) ?? []
    const value = written?.trim()
    if (name === undefined || value === undefined || /[\p{Cc}]/u.test(value)) throw unreadable(line)
    if (fields.has(name.toLowerCase())) throw unreadable(line)
    fields.set(name.toLowerCase(), value)
  }
  return fields
}

function readParameters(disposition: string): Map<string, string> {
  const rest = /^form-data[ \t]*/i.exec(disposition)?.[0]
  if (rest === undefined) throw unreadable(disposition)
  const parameters = new Map<string, string>()
  PARAMETER.lastIndex = rest.length
  while (PARAMETER.lastIndex < disposition.length) {
    const [, name, quoted, plain] = PARAMETER.exec(disposition) ?? []
    if (name === undefined || parameters.has(name.toLowerCase())) throw unreadable(disposition)
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? plain ?? '')
  }
  return parameters
}

function decodeExtended(value: string): string {
  const encoded = /^utf-8'[^']*'(.*)$/is.exec(value)?.[1]
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded)
  } catch {
    // Told below.
  }
  throw unreadable(`filename*=${value}`)
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('UTF-8')
  }
}

const unreadable = (what: string) => {
  const shown = what.slice(0, 200)
  return malformed(
    `Không hiểu phần đầu của part: ${shown}`,
    `The header of a part cannot be understood: ${shown}`,
  )
}
