import type { AgencyRecord } from '../../domain/directory/record.ts'
import type { AgencyRow } from '../../sheets/agencies-sheet.ts'
import type { AgencyColumnKey } from '../../sheets/agency-columns.ts'
import { showSuccessors } from '../../sheets/successors-cell.ts'

export interface Disagreement {
  readonly code: string
  readonly column: AgencyColumnKey
  readonly vi: string
  readonly en: string
}

/**
 * Where a row says something else of days on record than the directory does. A sheet says what changes; that a record
 * was wrong is said by `correct`, so that nobody rewrites the past by an old file.
 * @param on the day of the changes
 */
export function comparePast(row: AgencyRow, record: AgencyRecord, on: string): Disagreement[] {
  const found: Disagreement[] = []
  if (typeof row.validFrom === 'string' && row.validFrom !== record.validFrom)
    found.push({
      code: 'valid-from-differs',
      column: 'validFrom',
      vi: `Danh bạ ghi cơ quan hoạt động từ ${record.validFrom}; muốn sửa điều đã ghi, dùng hành vi correct.`,
      en: `On record it is open from ${record.validFrom}; what was wrong on record is mended by the act correct.`,
    })
  if (record.validTo === null) return found
  if (row.validTo !== undefined && row.validTo !== record.validTo)
    found.push({
      code: 'closing-differs',
      column: 'validTo',
      vi: `Danh bạ ghi cơ quan kết thúc từ ${record.validTo}; muốn sửa điều đã ghi, dùng hành vi correct.`,
      en: `On record it is closed from ${record.validTo}; what was wrong on record is mended by the act correct.`,
    })
  if (saysOtherSuccessors(row, record))
    found.push({
      code: 'succession-differs',
      column: 'successors',
      vi: 'Danh bạ ghi cơ quan kế thừa khác; muốn sửa điều đã ghi, dùng hành vi correct.',
      en: 'On record other agencies take over; what was wrong on record is mended by the act correct.',
    })
  if (!record.open && record.validFrom <= on && saysOtherFacts(row, record))
    found.push({
      code: 'agency-closed',
      column: 'name',
      vi: `Cơ quan đã kết thúc từ ${record.validTo}; tên, cấp và cơ quan chủ quản không còn đổi.`,
      en: `The agency is closed from ${record.validTo}; its name, tier and parent no longer change.`,
    })
  return found
}

function saysOtherSuccessors({ successors }: AgencyRow, { succession }: AgencyRecord): boolean {
  if (successors === undefined) return false
  const said = successors === null ? '' : showSuccessors(successors)
  return said !== (succession === null ? '' : showSuccessors(succession))
}

const saysOtherFacts = ({ name, tier, parent }: AgencyRow, record: AgencyRecord): boolean =>
  (name !== undefined && name !== record.name) ||
  (tier !== undefined && tier !== record.tier) ||
  (parent !== undefined && parent !== record.parent)
