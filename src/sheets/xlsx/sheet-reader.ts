import { parseAddress } from '../address.ts'
import type { Cell, Row } from '../cell.ts'
import { RowCollector } from '../collector.ts'
import { MAX_FAULTS, SHEET_LIMITS } from '../limits.ts'
import { beyond } from '../refuse.ts'
import { unescapeText } from './escaped-text.ts'
import { type Attributes, malformed, type XmlHandler } from './xml-events.ts'

/** What the content of a cell means, by its type (ST_CellType); `n`, a number, where it has none. */
const CONTENTS: Readonly<Record<string, (raw: string, strings: readonly string[]) => Cell>> = {
  s: (raw, strings) => strings[Number(raw)] ?? fail('a shared string is missing'),
  inlineStr: (raw) => unescapeText(raw),
  str: (raw) => unescapeText(raw),
  // An ISO 8601 day, as some programs write.
  d: (raw) => raw.replace(/T00:00:00(\.0+)?Z?$/, ''),
  n: (raw) => ({ kind: 'number', raw }),
  b: (raw) => ({ kind: 'boolean', raw: raw === '1' || raw === 'true' ? 'TRUE' : 'FALSE' }),
  e: (raw) => ({ kind: 'error', raw }),
}

const fail = (what: string): never => {
  throw malformed(what)
}

/** Reads the cells of a sheet from its XML, as it comes. */
export class SheetReader implements XmlHandler {
  readonly merged: string[] = []
  readonly #strings: readonly string[]
  readonly #collector = new RowCollector()
  #row = 0
  #inRow = false
  #cells: (Cell | undefined)[] = []
  #column = -1
  #type = 'n'
  #formula = false
  #content = ''
  #collecting = false
  #inReading = false

  constructor(strings: readonly string[]) {
    this.#strings = strings
  }

  get rows(): readonly Row[] {
    return this.#collector.rows
  }

  open(name: string, attributes: () => Attributes): void {
    if (name === 'c') this.#beginCell(attributes())
    else if (name === 'v') this.#beginValue()
    else if (name === 't') this.#collecting = !this.#inReading
    else if (name === 'f') this.#formula = true
    else if (name === 'row') this.#beginRow(attributes())
    else if (name === 'rPh') this.#inReading = true
    else if (name === 'mergeCell' && this.merged.length < MAX_FAULTS) this.merged.push(attributes().ref ?? '')
  }

  text(text: string): void {
    if (!this.#collecting) return
    this.#content += text
    if (this.#content.length > 8 * SHEET_LIMITS.cellCharacters)
      throw beyond('cellCharacters', SHEET_LIMITS.cellCharacters, `${this.#row}:${this.#row}`)
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#collecting = false
    else if (name === 'c') this.#endCell()
    else if (name === 'rPh') this.#inReading = false
    else if (name === 'row') this.#endRow()
  }

  #beginRow({ r }: Attributes): void {
    const number = r === undefined ? this.#row + 1 : Number(r)
    if (!Number.isInteger(number) || number <= this.#row || number > SHEET_LIMITS.lines)
      throw malformed('rows out of order')
    this.#row = number
    this.#inRow = true
    this.#cells = []
    this.#column = -1
  }

  #endRow(): void {
    this.#collector.add(this.#row, this.#cells)
    this.#inRow = false
  }

  #beginCell({ r, t }: Attributes): void {
    const place = r === undefined ? { column: this.#column + 1, row: this.#row } : parseAddress(r)
    if (!this.#inRow || place === undefined || place.row !== this.#row || place.column <= this.#column)
      throw malformed('cells out of order')
    this.#column = place.column
    this.#type = t ?? 'n'
    this.#formula = false
    this.#content = ''
  }

  /** Of two values in a cell every program takes the one that it likes. */
  #beginValue(): void {
    if (this.#content !== '') throw malformed('two values in a cell')
    this.#collecting = true
  }

  #endCell(): void {
    const cell = this.#cell()
    if (cell === undefined || cell === '') return
    if (this.#column >= SHEET_LIMITS.columns)
      throw beyond('columns', SHEET_LIMITS.columns, `${this.#row}:${this.#row}`)
    this.#cells[this.#column] = cell
  }

  /** The result that stands beside a formula is never looked at. */
  #cell(): Cell | undefined {
    if (this.#formula) return { kind: 'formula', raw: '=' }
    if (this.#content === '') return undefined
    const read = Object.hasOwn(CONTENTS, this.#type) ? CONTENTS[this.#type] : undefined
    if (read === undefined) throw malformed('a cell of an unknown type')
    return read(this.#content, this.#strings)
  }
}
