import type { Bilingual } from '../domain/bilingual.ts'

/**
 * What a cell of a file holds: a text; or something else that a spreadsheet program made of what people typed, with the
 * text by which it stands in the file. A CSV file holds texts only.
 */
export type Cell = string | { readonly kind: CellKind; readonly raw: string }

export type CellKind = 'number' | 'boolean' | 'error' | 'formula'

export interface Row {
  /** As spreadsheets count, from 1. */
  readonly number: number
  /** By column, from 0; holes and missing ends are blank. */
  readonly cells: readonly (Cell | undefined)[]
}

/** One sheet as it stands in a file. Rows that are blank all through are left out. */
export interface Sheet {
  readonly rows: readonly Row[]
  /** Whether serial numbers of days count from 1904 (ECMA-376 part 1 §18.2.28). */
  readonly date1904: boolean
  /** Ranges of cells that are merged, such as `A1:B2`. */
  readonly merged: readonly string[]
}

/** Why a cell that is no text is none that can be taken, by what it is. */
export const NOT_TEXT: Record<CellKind, { readonly code: string; readonly hint: Bilingual }> = {
  number: {
    code: 'cell-number',
    hint: {
      vi: 'Ô này là số, nên mã có thể đã mất số 0 ở đầu hoặc cuối. Đặt định dạng Văn bản (Text) rồi nhập lại.',
      en: 'This cell is a number, so that a code may have lost zeros. Format it as Text and type it again.',
    },
  },
  boolean: {
    code: 'cell-boolean',
    hint: {
      vi: 'Ô này là giá trị đúng/sai. Đặt định dạng Văn bản (Text) rồi nhập lại.',
      en: 'This cell is true or false. Format it as Text and type it again.',
    },
  },
  error: {
    code: 'cell-error',
    hint: { vi: 'Ô này báo lỗi của bảng tính.', en: 'This cell shows an error of the spreadsheet.' },
  },
  formula: {
    code: 'cell-formula',
    hint: {
      vi: 'Ô này là công thức; công thức không được nhận. Dán lại dưới dạng giá trị.',
      en: 'This cell is a formula, and formulas are not taken. Paste it as a value.',
    },
  },
}
