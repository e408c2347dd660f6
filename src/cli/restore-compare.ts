import { compareRecords, settleBehind } from '../backup/compare-records.ts'
import type { BackupTrust } from '../backup/open-backup.ts'
import { listReadersAhead } from '../db/compare-records.ts'
import type { Pool } from '../db/pool.ts'
import type { Behind, Comparison } from '../domain/comparison.ts'
import { readReceipts } from './read-receipts.ts'

export interface CompareJob {
  readonly pool: Pool
  readonly trust: BackupTrust
  readonly files: readonly string[]
  /** Whether what was handed over is put on record as the receipts attest it. */
  readonly settle: boolean
  readonly actor: string
}

/** Names what came after the backup, as far as receipts in these files and readers of inboxes tell it. */
export async function compare({ pool, trust, files, settle, actor }: CompareJob): Promise<void> {
  const { attested, unproven } = await readReceipts(files, trust)
  const comparison = await compareRecords(pool, attested)
  tellLost(comparison)
  const { settled, left } = settle
    ? await settleBehind(pool, actor, comparison.behind)
    : { settled: 0, left: comparison.behind }
  tellBehind(left)
  for (const { agency, known, seen } of await listReadersAhead(pool))
    console.log(
      `reader-ahead ${agency}: biết tới số / knows numbers up to ${seen}; trục biết tới / the gateway up to ${known}`,
    )
  for (const place of unproven)
    console.error(
      `unproven ${place}: không phải biên nhận do trục này ký / no receipt that this gateway signed`,
    )
  console.log(
    [
      `${attested.length} biên nhận/receipts: ${comparison.agreeing} khớp/agree`,
      `${comparison.lostDocuments.length} văn bản mất/documents lost`,
      `${comparison.lostDeliveries.length} lượt chuyển mất/deliveries lost`,
      `${left.length} chậm hơn biên nhận/behind their receipts`,
      ...(settle ? [`${settled} đã ghi theo biên nhận/settled by their receipts`] : []),
    ].join(', '),
  )
}

function tellLost({ lostDocuments, lostDeliveries }: Comparison): void {
  for (const { document, edxmlDocumentId, sender, recipients, acceptedAt, packetSha256 } of lostDocuments) {
    const to = recipients.map(({ agency }) => agency).join(' ')
    console.log(
      `lost-document ${document} ${acceptedAt} ${sender} -> ${to}: ${edxmlDocumentId ?? '-'} sha256 ${packetSha256}`,
    )
  }
  for (const { delivery, document, sender, agency, state } of lostDeliveries)
    console.log(`lost-delivery ${delivery} ${state} ${sender} -> ${agency}: ${document}`)
}

function tellBehind(behind: readonly Behind[]): void {
  for (const { delivery, document, agency, here, attested } of behind) {
    console.log(`behind ${delivery} ${agency}: ${document} ${here}, biên nhận/attested ${attested}`)
    if (attested === 'withdrawn')
      console.log(
        `  tram delivery cancel ${delivery} --reason "đã thu hồi theo biên nhận / withdrawn as its receipt says"`,
      )
  }
}
