import type { AgencyCode } from '../../domain/identifiers.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import { agencyHeader, agencyRows } from '../../sheets/agencies-sheet.ts'
import { AGENCY_COLUMNS } from '../../sheets/agency-columns.ts'
import { RULE_COLUMNS, type SheetLanguage } from '../../sheets/rule-columns.ts'
import { ruleHeader, ruleRows } from '../../sheets/rules-sheet.ts'
import type { Column } from '../../sheets/table.ts'
import type { SheetToWrite } from '../../sheets/xlsx/write-xlsx.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { sheetRecords } from './sheet-record.ts'

const PLAIN_WIDTH = 20
const widthsOf = (columns: readonly Column[]): number[] => columns.map(({ width = PLAIN_WIDTH }) => width)

/** A routing table as people fill it in. */
export const routingSheet = (rules: readonly TableRule[], language: SheetLanguage): SheetToWrite => ({
  name: language === 'vi' ? 'Định tuyến' : 'Routing',
  header: ruleHeader(language),
  widths: widthsOf(RULE_COLUMNS),
  rows: ruleRows(rules, language),
})

/** The agencies of a day (`yyyy-MM-dd`, Vietnam) as people fill them in. */
export const directorySheet = (
  snapshot: DirectorySnapshot,
  day: string,
  wishes: { readonly under?: AgencyCode | undefined; readonly closed?: boolean | undefined },
  language: SheetLanguage,
): SheetToWrite => ({
  name: language === 'vi' ? 'Danh bạ' : 'Directory',
  header: agencyHeader(language),
  widths: widthsOf(AGENCY_COLUMNS),
  rows: agencyRows(sheetRecords(snapshot, day, wishes)),
})
