import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'

const R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** The parts of a plain workbook with one sheet; any of them may be another, or more be added. */
export const workbookParts = (sheetXml: string): Record<string, string> => ({
  '_rels/.rels': `<Relationships><Relationship Id="a" Type="${R}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns:r="${R}"><sheets><sheet name="Bảng" sheetId="1" r:id="s1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="s1" Type="${R}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" Type="${R}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
  'xl/sharedStrings.xml':
    '<sst><si><t>một</t></si><si><r><t>đậm </t></r><r><rPr><b/></rPr><t>nhạt</t></r><rPh><t>đọc</t></rPh></si></sst>',
  'xl/worksheets/sheet1.xml': sheetXml,
})

export const sheetXml = (rows: string, after = ''): string =>
  `<worksheet><sheetData>${rows}</sheetData>${after}</worksheet>`

/** An .xlsx of these parts. */
export function zipOf(parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [path, content] of Object.entries(parts)) zip.addBuffer(Buffer.from(content), path)
  zip.end()
  return buffer(zip.outputStream)
}

export const workbook = (rows: string, after?: string): Promise<Buffer> =>
  zipOf(workbookParts(sheetXml(rows, after)))
