import { resolve } from 'node:path'
import { recordEvents } from '../audit/record-events.ts'
import { type TakenBackup, takeBackup } from '../backup/take-backup.ts'
import { storeTie } from '../blobs/store-tie.ts'
import { loadConfig } from '../config.ts'
import { openSealKeys } from '../context.ts'
import { absentSecrets } from './absent-secrets.ts'
import { readArguments, required } from './arguments.ts'
import { operator, withDatabase } from './with-database.ts'

/**
 * `tram backup --to FOLDER [--verify]`. The exit code is 1 where blobs were not to be had: everything else is in the
 * backup. What was damaged in the folder and could be copied anew is named, and no failure.
 */
export async function backup(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    to: { type: 'string' },
    verify: { type: 'boolean', default: false },
  })
  const folder = resolve(required('to', values.to))
  const config = loadConfig('api')
  const sealKeys = await openSealKeys(config)
  let whole = true
  try {
    const exit = await withDatabase(async (pool) => {
      // Of a volume that is not mounted every file would be told as missing.
      await storeTie(pool, config.blobs, false).look()
      const taken = await takeBackup(
        {
          databaseUrl: config.databaseUrl,
          pool,
          blobs: config.blobs,
          keyAt: (time) => sealKeys.at(time),
          absent: absentSecrets(config, sealKeys),
          verifyAll: values.verify,
        },
        folder,
      )
      await recordEvents(pool, [{ kind: 'backup-made', actor: operator().clientId, detail: detailOf(taken) }])
      tell(taken)
      whole = taken.blobs.missing.length === 0
    })
    return whole ? exit : 1
  } finally {
    sealKeys.close()
  }
}

const rowsOf = ({ manifest }: TakenBackup): number => manifest.tables.reduce((sum, { rows }) => sum + rows, 0)

const detailOf = (taken: TakenBackup) => ({
  backup: taken.manifest.name,
  takenAt: taken.manifest.takenAt,
  manifestSha256: taken.manifestSha256,
  rows: rowsOf(taken),
  blobs: taken.manifest.blobs.count,
  missingBlobs: taken.blobs.missing.length,
})

function tell(taken: TakenBackup): void {
  const { manifest, blobs, path } = taken
  const { document } = manifest.heads
  console.log(path)
  console.log(
    `  ${manifest.takenAt}: ${rowsOf(taken)} hàng/rows, ${manifest.blobs.count} tệp/blobs (${blobs.copied} mới/new, ${blobs.bytes} bytes)`,
  )
  if (document !== null)
    console.log(`  văn bản cuối / last document: ${document.key}, ${document.acceptedAt}`)
  const kept = manifest.absent.filter(({ fingerprint }) => fingerprint !== null)
  console.log(
    `  không có trong bản sao lưu, cất riêng / not in the backup, keep apart: ${kept.map(({ variable }) => variable).join(', ')}, TRAM_TRUST`,
  )
  for (const blob of blobs.replaced)
    console.error(
      `  đã hỏng trong thư mục sao lưu, nay chép lại / was damaged in the backup folder, copied anew: ${blob}`,
    )
  for (const blob of blobs.missing)
    console.error(`  hỏng hoặc mất trong kho / damaged or missing in the store: ${blob}`)
}
