import { SHEET_LIMITS } from '../limits.ts'
import { beyond, unreadable } from '../refuse.ts'
import { type Package, relationsOf } from './package.ts'
import { malformed, readXml } from './xml-events.ts'

export interface Workbook {
  readonly date1904: boolean
  /** Path of the sheet that is read. */
  readonly sheet: string
  readonly sharedStrings: string | null
}

interface Listed {
  readonly name: string
  readonly relation: string
  readonly hidden: boolean
}

/**
 * Finds the sheet to read: the one that is named, else the first that people see.
 * @throws GatewayError `sheet-invalid`
 */
export async function findSheet(files: Package, wanted: string | undefined): Promise<Workbook> {
  const root = [...(await relationsOf(files, '')).values()].find(({ type }) => type === 'officeDocument')
  if (root?.target == null || !files.has(root.target)) throw malformed('no workbook')
  const { sheets, date1904 } = await readWorkbook(files, root.target)
  const relations = await relationsOf(files, root.target)
  const chosen = sheets.find(({ name, hidden }) => (wanted === undefined ? !hidden : name === wanted))
  if (chosen === undefined) throw noSuchSheet(wanted, sheets)
  const relation = relations.get(chosen.relation)
  if (relation?.target == null || relation.type !== 'worksheet')
    throw malformed('the sheet is not in the file')
  const strings = [...relations.values()].find(({ type }) => type === 'sharedStrings')
  return { date1904, sheet: relation.target, sharedStrings: strings?.target ?? null }
}

async function readWorkbook(files: Package, path: string) {
  const sheets: Listed[] = []
  let date1904 = false
  await readXml(files.part(path), {
    open: (name, attributes) => {
      if (name === 'workbookPr') date1904 = /^(1|true)$/.test(attributes().date1904 ?? '')
      if (name !== 'sheet') return
      if (sheets.length === SHEET_LIMITS.sheets) throw beyond('sheets', SHEET_LIMITS.sheets)
      const { name: title = '', state = 'visible', ...others } = attributes()
      sheets.push({
        name: title.normalize('NFC'),
        // `r:id`, whatever the prefix is.
        relation: Object.entries(others).find(([key]) => /:id$/.test(key))?.[1] ?? '',
        hidden: state !== 'visible',
      })
    },
  })
  return { sheets, date1904 }
}

function noSuchSheet(wanted: string | undefined, sheets: readonly Listed[]): Error {
  const names = sheets
    .map(({ name }) => name.slice(0, 100))
    .join(', ')
    .slice(0, 500)
  return unreadable('sheet-not-found', {
    vi: `Tệp không có trang tính ${wanted ?? 'nào đang hiện'}; các trang: ${names}.`,
    en: `The file has no ${wanted === undefined ? 'visible sheet' : `sheet ${wanted}`}; its sheets: ${names}.`,
  })
}
