/** What a file may hold. Whatever is beyond is refused by name, never cut off. */
export const SHEET_LIMITS = {
  /** Bytes of the file. */
  fileBytes: 33_554_432,
  /** Rows that are not blank, with the header. */
  rows: 200_000,
  /** Rows with those that are blank, as Excel has it: each of them costs time, too. */
  lines: 1_048_576,
  /** Rows of a CSV with more or fewer cells than the first: reading one takes ten times as long. */
  ragged: 100_000,
  columns: 200,
  /** Characters of a cell, as Excel has it. */
  cellCharacters: 32_767,
  /** Cells that are not blank, and the characters of all of them. */
  cells: 4_000_000,
  characters: 134_217_728,
  /** Files within an .xlsx, and bytes of one of them once it is unpacked. */
  parts: 1_000,
  partBytes: 536_870_912,
  /** Elements of one of them, some for each cell; and elements within elements. */
  elements: 16_000_000,
  depth: 32,
  sheets: 255,
} as const

/** No more faults of one file than people read; how many more there are is told. */
export const MAX_FAULTS = 500
