import type { AgencyRecord } from '../../domain/directory/record.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { recordOn } from '../snapshot/record-on.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'

/** An agency as its row shows it: with whoever takes over, also where its end is still to come. */
export function sheetRecord(
  snapshot: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): AgencyRecord | undefined {
  const record = recordOn(snapshot, code, day)
  if (record === undefined || record.validTo === null || record.succession !== null) return record
  return { ...record, succession: snapshot.fact(code, 'succession', record.validTo)?.value ?? null }
}

/**
 * Agencies as of a day, by their codes.
 * @param wishes `under`: that agency and all beneath it on that day; `closed`: also those that have closed by then
 */
export function* sheetRecords(
  snapshot: DirectorySnapshot,
  day: string,
  {
    under,
    closed = false,
  }: { readonly under?: AgencyCode | undefined; readonly closed?: boolean | undefined },
): Generator<AgencyRecord> {
  const codes = under === undefined ? [...snapshot.codes()] : [under, ...snapshot.subtreeOn(under, day)]
  for (const code of codes.sort()) {
    const record = sheetRecord(snapshot, code, day)
    if (record !== undefined && (record.open || (closed && record.validFrom <= day))) yield record
  }
}
