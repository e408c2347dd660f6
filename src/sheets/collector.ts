import type { Cell, Row } from './cell.ts'
import { SHEET_LIMITS } from './limits.ts'
import { beyond } from './refuse.ts'

/** Collects the rows of a file within the limits, blank ones left out. */
export class RowCollector {
  readonly rows: Row[] = []
  #cells = 0
  #characters = 0

  /** @throws GatewayError `sheet-invalid` naming what is too much */
  add(number: number, cells: readonly (Cell | undefined)[]): void {
    let filled = 0
    for (const cell of cells) {
      if (cell === undefined || cell === '') continue
      const { length } = typeof cell === 'string' ? cell : cell.raw
      if (length > SHEET_LIMITS.cellCharacters)
        throw beyond('cellCharacters', SHEET_LIMITS.cellCharacters, `${number}:${number}`)
      filled++
      this.#characters += length
    }
    if (filled === 0) return
    this.#cells += filled
    if (cells.length > SHEET_LIMITS.columns)
      throw beyond('columns', SHEET_LIMITS.columns, `${number}:${number}`)
    if (this.rows.length === SHEET_LIMITS.rows) throw beyond('rows', SHEET_LIMITS.rows)
    if (this.#cells > SHEET_LIMITS.cells) throw beyond('cells', SHEET_LIMITS.cells)
    if (this.#characters > SHEET_LIMITS.characters) throw beyond('characters', SHEET_LIMITS.characters)
    this.rows.push({ number, cells })
  }
}
