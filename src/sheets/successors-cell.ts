import type { Heir } from '../domain/directory/succession.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import { joinList, splitList } from './list-cell.ts'
import { type CellReader, code } from './readers.ts'

/** Who takes over, as `Succession` has it. */
export interface Successors {
  readonly heirs: readonly Heir[]
  readonly main: AgencyCode | null
}

/**
 * `H51.15; H51.16: Công văn, Tờ trình`: the first without kinds of document takes whatever nobody takes by its kind; so
 * does one with a `*` before it. @returns undefined for what is no such list
 */
export function parseSuccessors(text: string): Successors | undefined {
  const entries = splitList(text).map(parseEntry)
  if (entries.length === 0 || entries.length > 200) return undefined
  const heirs: Heir[] = []
  for (const entry of entries) {
    if (entry === undefined || heirs.some((heir) => heir.code === entry.heir.code)) return undefined
    heirs.push(entry.heir)
  }
  const main =
    entries.find((entry) => entry?.starred) ??
    entries.find((entry) => entry?.heir.documentTypes === undefined)
  return { heirs, main: main?.heir.code ?? null }
}

function parseEntry(text: string): { readonly heir: Heir; readonly starred: boolean } | undefined {
  const starred = text.startsWith('*')
  const [named = '', types] = splitOnce(starred ? text.slice(1) : text)
  const read = code.read(named.trim())
  const documentTypes = types === undefined ? undefined : splitList(types, ',')
  if (read === undefined || documentTypes?.length === 0) return undefined
  return { heir: { code: agencyCode(read), ...(documentTypes && { documentTypes }) }, starred }
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf(':')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** The same in its one form: the main one first, the others by their codes. */
export function showSuccessors({ heirs, main }: Successors): string {
  const rank = ({ code }: Heir) => (code === main ? `0${code}` : `1${code}`)
  const inOrder = [...heirs].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
  return joinList(
    inOrder.map(({ code, documentTypes }) => {
      const star = code === main && documentTypes !== undefined ? '*' : ''
      return documentTypes === undefined ? code : `${star}${code}: ${joinList(documentTypes, ',')}`
    }),
  )
}

export const successors: CellReader = {
  expected: {
    vi: 'mã cơ quan kế thừa, cách nhau bằng dấu chấm phẩy, có thể kèm loại văn bản: H51.15; H51.16: Công văn',
    en: 'codes of successors between semicolons, with kinds of document where wanted: H51.15; H51.16: Công văn',
  },
  read: (text) => {
    const parsed = parseSuccessors(text)
    return parsed && showSuccessors(parsed)
  },
}
