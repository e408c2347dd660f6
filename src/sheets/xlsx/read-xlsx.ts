import type { Sheet } from '../cell.ts'
import { openPackage } from './package.ts'
import { readSharedStrings } from './shared-strings.ts'
import { SheetReader } from './sheet-reader.ts'
import { findSheet } from './workbook.ts'
import { readXml } from './xml-events.ts'

/**
 * A sheet of an .xlsx (ECMA-376): texts as texts, and whatever is no text by its kind. Nothing is calculated, followed
 * or run: formulas are told from values, links to other files and macros are not looked at.
 * @param name of the sheet; else the first that is not hidden
 * @throws GatewayError `sheet-invalid`
 */
export async function readXlsx(bytes: Uint8Array, name?: string): Promise<Sheet> {
  const files = await openPackage(bytes)
  const { date1904, sheet, sharedStrings } = await findSheet(files, name?.normalize('NFC'))
  const strings = sharedStrings === null ? [] : await readSharedStrings(files, sharedStrings)
  const reader = new SheetReader(strings)
  await readXml(files.part(sheet), reader)
  return { rows: reader.rows, date1904, merged: reader.merged }
}
