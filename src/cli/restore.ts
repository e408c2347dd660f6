import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBackup } from '../backup/check-backup.ts'
import { type BackupTrust, type OpenBackup, openBackup } from '../backup/open-backup.ts'
import { type Restored, restoreBackup } from '../backup/restore-backup.ts'
import { type Config, loadConfig } from '../config.ts'
import { openSealKeys } from '../context.ts'
import type { BlobUse } from '../db/damaged-blobs.ts'
import { databaseNow } from '../db/now.ts'
import { isSha256, type Sha256 } from '../domain/identifiers.ts'
import { recordDamage } from '../receipts/damaged-blobs.ts'
import type { SignerRing } from '../signature/keys/signer-ring.ts'
import { loadTrustStore } from '../signature/load-trust-store.ts'
import { absentSecrets, differingSecrets } from './absent-secrets.ts'
import { required } from './arguments.ts'
import { compare } from './restore-compare.ts'
import { UsageError } from './usage-error.ts'
import { operator, withDatabase } from './with-database.ts'

const OPTIONS = {
  from: { type: 'string' },
  check: { type: 'boolean', default: false },
  'without-damaged': { type: 'boolean', default: false },
  compare: { type: 'boolean', default: false },
  settle: { type: 'boolean', default: false },
  signer: { type: 'string', multiple: true },
} as const

/**
 * `tram restore --from FOLDER [--check | --without-damaged] [--signer SHA256]…`: the newest backup in it, or the one that
 * it is.
 * `tram restore --compare FILE… [--settle]`: what receipts in these files attest and the gateway does not know.
 */
export async function restore(args: string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({ args, allowPositionals: true, options: OPTIONS })
  if ((values.from === undefined) !== values.compare)
    throw new UsageError('either --from or --compare is given')
  if (values.compare !== files.length > 0)
    throw new UsageError('files are named with --compare, and only then')
  if (values['without-damaged'] && (values.check || values.compare))
    throw new UsageError('--without-damaged is for restoring')
  const signers = (values.signer ?? []).map(fingerprint)
  const config = loadConfig('api')
  const sealKeys = await openSealKeys(config)
  try {
    return await withDatabase(async (pool) => {
      const trust = await trustOf(config, sealKeys, signers, await databaseNow(pool))
      if (values.compare)
        return compare({ pool, trust, files, settle: values.settle, actor: operator().clientId })
      const backup = await openBackup(resolve(required('from', values.from)), trust)
      warnOfSecrets(backup, config, sealKeys)
      if (values.check) {
        const { files, blobs, bytes } = await checkBackup(backup)
        return console.log(
          `${backup.folder}: nguyên vẹn / sound: ${files} + ${blobs} tệp/files, ${bytes} bytes`,
        )
      }
      const [actor, uses] = [operator().clientId, new Map<Sha256, readonly BlobUse[]>()]
      const target = {
        databaseUrl: config.databaseUrl,
        pool,
        blobs: config.blobs,
        actor,
        withoutDamaged: values['without-damaged'],
        recordMissing: async (blob: Sha256) => {
          uses.set(blob, await recordDamage({ pool, actor }, blob, 'missing'))
        },
      }
      tell(backup, await restoreBackup(backup, target), uses)
    })
  } finally {
    sealKeys.close()
  }
}

function fingerprint(text: string): Sha256 {
  const hex = text.replaceAll(':', '').toLowerCase()
  if (!isSha256(hex)) throw new UsageError(`--signer: ${text} is no SHA-256 of a certificate`)
  return hex
}

async function trustOf(
  config: Config,
  sealKeys: SignerRing,
  signers: readonly Sha256[],
  time: Date,
): Promise<BackupTrust> {
  const own = sealKeys.all().map(({ certificateChain }) => certificateChain[0]!.sha256)
  return { trust: await loadTrustStore(config.trust), time, gateway: new Set([...own, ...signers]) }
}

function warnOfSecrets({ manifest }: OpenBackup, config: Config, sealKeys: SignerRing): void {
  for (const variable of differingSecrets(manifest.absent, absentSecrets(config, sealKeys)))
    console.error(
      `${variable}: không phải cái mà trục đã dùng lúc sao lưu / is not what the gateway had when the backup was taken`,
    )
}

/** @param uses the documents that blobs belong to which are not there */
function tell(
  { manifest, folder }: OpenBackup,
  { restoration, rows, blobs, resumed }: Restored,
  uses: ReadonlyMap<Sha256, readonly BlobUse[]>,
): void {
  const { document } = manifest.heads
  console.log(`${folder}: ${rows} hàng/rows, ${blobs.copied + blobs.present} tệp/blobs`)
  console.log(
    `  như lúc / as of ${manifest.takenAt}; văn bản cuối / last document: ${document?.key ?? '-'} ${document?.acceptedAt ?? ''}`,
  )
  console.log(`  số hộp thư đi tiếp từ / inbox numbers go on above ${restoration.numberFloor}`)
  if (resumed !== null)
    console.log(
      `  ${resumed.waiting} lượt chuyển đi tiếp / deliveries go on; ${resumed.mayHaveLeft} có thể trục khác đã nhận / may be with another exchange already`,
    )
  const name = (what: string, blob: Sha256) => {
    console.error(`  ${what}: ${blob}`)
    for (const { document, sender, part } of uses.get(blob) ?? [])
      console.error(`    ${document}  ${sender}  ${part}`)
  }
  for (const blob of manifest.blobs.missing) name('không có trong bản sao lưu / not in the backup', blob)
  for (const blob of blobs.missing) name('hỏng trong bản sao lưu / damaged in the backup', blob)
  console.log(NEXT)
}

const NEXT = `  Trước khi chạy trục: xem docs/how-to/backup.md (đối chiếu, thu hồi lại thông tin xác thực, quyết định sau lúc sao lưu).
  Before the gateway is started: docs/how-to/backup.md (compare; revoke again, and decide again, what was after the backup).`
