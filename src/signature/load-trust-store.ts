import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ANCHOR_FILE, type AnchorRow, readAnchorRows } from './anchor-rows.ts'
import type { AnchorPurpose, TrustAnchor, TrustStore } from './trust-anchor.ts'
import type { Certificate } from './x509/certificate.ts'
import { readCertificates } from './x509/pem.ts'

/** The folder that a certificate lies in says what it is for. */
const FOLDERS: Record<string, readonly AnchorPurpose[]> = {
  '.': ['signature'],
  signature: ['signature'],
  timestamp: ['timestamp'],
  intermediate: [],
}

const IS_CERTIFICATE = /\.(pem|crt|cer|der)$/i

/**
 * Reads a trust store: PEM or DER files in `<folder>` or `<folder>/signature` are anchors for signatures, those in
 * `<folder>/timestamp` for timestamps, those in `<folder>/intermediate` are issuing CAs without trust of their own.
 * Where there is a file `anchors.json`, it has one row for each anchor, which may say more: purposes, and when trust in
 * it begins and ends.
 * @throws Error naming the file where one cannot be read, or file and rows do not agree: a gateway must not work with
 *   half of its anchors
 */
export async function loadTrustStore(folder: string): Promise<TrustStore> {
  const anchors = new Map<string, TrustAnchor>()
  const intermediates: Certificate[] = []
  const rows = await readAnchorRows(folder)
  for (const [name, purposes] of Object.entries(FOLDERS)) {
    for (const certificate of await certificatesIn(join(folder, name), name === '.')) {
      if (purposes.length === 0) intermediates.push(certificate)
      else {
        const row = rows?.get(certificate.sha256)
        if (rows !== undefined && row === undefined) {
          throw new Error(
            `${join(folder, ANCHOR_FILE)} has no row for the anchor ${certificate.sha256} in ${name}`,
          )
        }
        const known = anchors.get(certificate.sha256)?.purposes ?? []
        anchors.set(certificate.sha256, toAnchor(certificate, [...known, ...purposes], row))
      }
    }
  }
  for (const sha256 of rows?.keys() ?? []) {
    if (!anchors.has(sha256))
      throw new Error(`${join(folder, ANCHOR_FILE)}: no file holds the anchor ${sha256}`)
  }
  return { anchors: [...anchors.values()], intermediates }
}

const toAnchor = (
  certificate: Certificate,
  purposes: readonly AnchorPurpose[],
  row: AnchorRow | undefined,
): TrustAnchor => {
  const { sha256: _sha256, purposes: own, ...rest } = row ?? { sha256: certificate.sha256 }
  return { certificate, purposes: new Set(own ?? purposes), ...rest }
}

async function certificatesIn(folder: string, mustExist: boolean): Promise<Certificate[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !mustExist) return []
    throw error
  })
  const found: Certificate[] = []
  for (const name of names.filter((one) => IS_CERTIFICATE.test(one)).sort()) {
    const path = join(folder, name)
    try {
      found.push(...readCertificates(await readFile(path)))
    } catch (cause) {
      throw new Error(`cannot read the certificate file ${path}`, { cause })
    }
  }
  return found
}
