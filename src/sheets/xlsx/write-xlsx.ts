import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { cellAddress, columnName } from '../address.ts'
import { escapeText } from './escaped-text.ts'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const CHUNK = 65_536
/** Excel's `@`: what is typed into the cell stays a text, so that a code keeps its zeros. */
const TEXT = 49

const PARTS: Readonly<Record<string, (name: string) => string>> = {
  '[Content_Types].xml': () =>
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPES}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPES}.styles+xml"/></Types>`,
  '_rels/.rels': () =>
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/_rels/workbook.xml.rels': () =>
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
  'xl/workbook.xml': (name) =>
    `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="${escapeText(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/styles.xml': () =>
    `<styleSheet xmlns="${MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="${TEXT}" applyNumberFormat="1"/><xf numFmtId="${TEXT}" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`,
}

export interface SheetToWrite {
  /** At most 31 characters, none of `\ / ? * [ ] :`. */
  readonly name: string
  readonly header: readonly string[]
  /** Width of each column, in characters. */
  readonly widths: readonly number[]
  readonly rows: Iterable<readonly string[]>
}

/** A table as .xlsx, written as it is read from: every cell a text, typed as one, never a formula. */
export function writeXlsx(sheet: SheetToWrite): Readable {
  const zip = new ZipFile()
  for (const [path, make] of Object.entries(PARTS))
    zip.addBuffer(Buffer.from(XML + make(sheet.name)), path, { mtime: EPOCH })
  // Made when it is read, so that a table that nobody reads to its end is not written to its end.
  zip.addReadStreamLazy('xl/worksheets/sheet1.xml', { mtime: EPOCH }, (take) =>
    take(null, Readable.from(chunksOf(sheet))),
  )
  zip.end()
  const bytes = Readable.from(zip.outputStream)
  zip.on('error', (error: Error) => bytes.destroy(error))
  return bytes
}

/** The same table is the same bytes. */
const EPOCH = new Date(Date.UTC(2000, 0, 1))

function* chunksOf({ header, widths, rows }: SheetToWrite): Generator<Buffer> {
  const columns = header.map(
    (_, at) => `<col min="${at + 1}" max="${at + 1}" width="${widths[at] ?? 20}" style="1" customWidth="1"/>`,
  )
  const frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
  const filter = `<autoFilter ref="A1:${columnName(Math.max(0, header.length - 1))}1"/>`
  let chunk = `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${frozen}</sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData>${rowXml(header, 1, 2)}`
  let number = 1
  for (const row of rows) {
    chunk += rowXml(row, ++number, 1)
    if (chunk.length < CHUNK) continue
    yield Buffer.from(chunk)
    chunk = ''
  }
  yield Buffer.from(`${chunk}</sheetData>${filter}</worksheet>`)
}

function rowXml(cells: readonly string[], row: number, style: number): string {
  let xml = `<row r="${row}">`
  for (const [column, text] of cells.entries())
    if (text !== '')
      xml += `<c r="${cellAddress(column, row)}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeText(text)}</t></is></c>`
  return `${xml}</row>`
}
