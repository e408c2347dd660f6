import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import { MAX_FAULTS, type SHEET_LIMITS } from './limits.ts'

/** One thing that is wrong with a sheet. @param path address of a cell such as `B17`, or of a row such as `17:17` */
export function sheetFault(
  code: string,
  path: string | undefined,
  hint: Bilingual,
  more: { readonly found?: string; readonly expected?: string } = {},
): Fault {
  const found = more.found === undefined ? {} : { found: excerpt(more.found) }
  const expected = more.expected === undefined ? {} : { expected: more.expected }
  return { code, severity: 'error', ...(path !== undefined && { path }), ...found, ...expected, hint }
}

/** Enough of a cell to recognise it by. */
const excerpt = (text: string): string =>
  (text.length > 100 ? `${text.slice(0, 99)}…` : text).replace(/[\0\p{Surrogate}]/gu, '�')

/** A file that cannot be read as what it should be. */
export const unreadable = (code: string, hint: Bilingual, path?: string): GatewayError =>
  new GatewayError('sheet-invalid', { faults: [sheetFault(code, path, hint)] })

/** @throws GatewayError `sheet-invalid` with all of them, as far as people read */
export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return
  const more = faults.length - MAX_FAULTS
  if (more <= 0) throw new GatewayError('sheet-invalid', { faults })
  const rest = sheetFault('faults-more', undefined, {
    vi: `Còn ít nhất ${more} lỗi khác không liệt kê.`,
    en: `There are at least ${more} more faults that are not listed.`,
  })
  throw new GatewayError('sheet-invalid', { faults: [...faults.slice(0, MAX_FAULTS), rest] })
}

const BEYOND: Record<keyof typeof SHEET_LIMITS, (most: number) => Bilingual> = {
  fileBytes: (most) => ({ vi: `Tệp lớn hơn ${most} byte.`, en: `The file is larger than ${most} bytes.` }),
  rows: (most) => ({ vi: `Nhiều hơn ${most} dòng.`, en: `There are more than ${most} rows.` }),
  lines: (most) => ({
    vi: `Nhiều hơn ${most} dòng, kể cả dòng trống.`,
    en: `There are more than ${most} rows, blank ones included.`,
  }),
  ragged: (most) => ({
    vi: `Nhiều hơn ${most} dòng có số ô khác dòng đầu tiên.`,
    en: `More than ${most} rows have another number of cells than the first.`,
  }),
  columns: (most) => ({ vi: `Nhiều hơn ${most} cột.`, en: `There are more than ${most} columns.` }),
  cellCharacters: (most) => ({
    vi: `Một ô dài hơn ${most} ký tự.`,
    en: `A cell is longer than ${most} characters.`,
  }),
  cells: (most) => ({ vi: `Nhiều hơn ${most} ô.`, en: `There are more than ${most} cells.` }),
  characters: (most) => ({
    vi: `Các ô có tổng cộng hơn ${most} ký tự.`,
    en: `The cells hold more than ${most} characters together.`,
  }),
  parts: (most) => ({
    vi: `Tệp .xlsx chứa hơn ${most} tệp con.`,
    en: `The .xlsx holds more than ${most} files.`,
  }),
  partBytes: (most) => ({
    vi: `Sau khi giải nén, một phần của tệp lớn hơn ${most} byte.`,
    en: `Unpacked, a part of the file is larger than ${most} bytes.`,
  }),
  elements: (most) => ({
    vi: `Một phần của tệp có hơn ${most} phần tử XML.`,
    en: `A part of the file has more than ${most} XML elements.`,
  }),
  depth: (most) => ({
    vi: `Các phần tử XML lồng nhau quá ${most} tầng.`,
    en: `XML elements stand within each other more than ${most} deep.`,
  }),
  sheets: (most) => ({ vi: `Nhiều hơn ${most} trang tính.`, en: `There are more than ${most} sheets.` }),
}

/** The refusal of what is beyond a limit, by its name. */
export const beyond = (limit: keyof typeof SHEET_LIMITS, most: number, path?: string): GatewayError =>
  unreadable(`too-much-${LIMIT_CODES[limit]}`, BEYOND[limit](most), path)

const LIMIT_CODES: Record<keyof typeof SHEET_LIMITS, string> = {
  fileBytes: 'file',
  rows: 'rows',
  lines: 'lines',
  ragged: 'ragged',
  columns: 'columns',
  cellCharacters: 'cell',
  cells: 'cells',
  characters: 'characters',
  parts: 'parts',
  partBytes: 'unpacked',
  elements: 'elements',
  depth: 'depth',
  sheets: 'sheets',
}
