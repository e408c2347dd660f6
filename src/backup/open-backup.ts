import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { hasCode } from '../blobs/files.ts'
import type { BackupManifest } from '../domain/backup-manifest.ts'
import type { Fault } from '../domain/fault.ts'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { verifyBackup } from '../signature/receipt-jws.ts'
import type { VerifyContext } from '../signature/trust-store.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { backupFault } from './backup-fault.ts'
import { blobsOf, isBackupName, MANIFEST, SEAL } from './layout.ts'
import { readManifest } from './read-manifest.ts'

/** A backup whose manifest is what the gateway signed. Its other files are not looked at yet. */
export interface OpenBackup {
  readonly folder: string
  readonly blobsFolder: string
  readonly manifest: BackupManifest
  readonly manifestSha256: Sha256
  readonly signer: Certificate
}

export interface BackupTrust extends VerifyContext {
  /** Certificates by which this gateway seals or sealed: a certificate of anybody else is no use to a forger. */
  readonly gateway: ReadonlySet<Sha256>
}

const MOST_BYTES = 16 * 1024 * 1024

/**
 * Opens a backup by its folder, or the newest whole one in a folder of backups.
 * @throws GatewayError `backup-damaged` naming what is wrong; Error ENOENT where there is nothing
 */
export async function openBackup(path: string, trust: BackupTrust): Promise<OpenBackup> {
  const folder = await backupFolder(resolve(path))
  const bytes = await smallFile(folder, MANIFEST)
  const jws = (await smallFile(folder, SEAL)).toString('latin1')
  const manifestSha256 = sha256(createHash('sha256').update(bytes).digest('hex'))
  const {
    receipt: seal,
    signer,
    trust: trusted,
  } = await verifyBackup(jws, trust).catch(() => {
    throw damaged([backupFault('signature-invalid', SEAL)])
  })
  const faults: Fault[] = []
  if (seal.manifestSha256 !== manifestSha256) faults.push(backupFault('bytes-differ', MANIFEST))
  if (trusted !== 'trusted') faults.push(backupFault('signer-untrusted', SEAL, signer.sha256))
  else if (!trust.gateway.has(signer.sha256)) faults.push(backupFault('signer-unknown', SEAL, signer.sha256))
  if (faults.length > 0) throw damaged(faults)
  const manifest = parsed(bytes)
  if (manifest.name !== seal.name || manifest.name !== basename(folder))
    throw damaged([backupFault('name-differs', basename(folder), manifest.name)])
  return { folder, blobsFolder: blobsOf(dirname(folder)), manifest, manifestSha256, signer }
}

export const damaged = (faults: readonly Fault[]): GatewayError =>
  new GatewayError('backup-damaged', { faults })

async function backupFolder(path: string): Promise<string> {
  if (await isThere(join(path, MANIFEST))) return path
  const names = (await readdir(path)).filter(isBackupName).sort()
  const newest = names.at(-1)
  // A folder of a backup whose manifest is gone is told as that.
  return newest === undefined ? path : join(path, newest)
}

async function smallFile(folder: string, name: string): Promise<Buffer> {
  const path = join(folder, name)
  const found = await stat(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) throw damaged([backupFault('file-missing', name)])
    throw error
  })
  if (found.size > MOST_BYTES) throw damaged([backupFault('bytes-differ', name)])
  return readFile(path)
}

function parsed(bytes: Buffer): BackupManifest {
  try {
    return readManifest(bytes.toString('utf8'))
  } catch (error) {
    throw damaged([backupFault('manifest-unreadable', MANIFEST, String(error))])
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
