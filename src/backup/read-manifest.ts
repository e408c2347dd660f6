import type { BackupManifest } from '../domain/backup-manifest.ts'
import { isSha256 } from '../domain/identifiers.ts'

const TABLE = /^[a-z][a-z0-9_]{0,62}$/
const MOST_TABLES = 1_000

/**
 * Reads what a backup says of itself. It is signed, so this holds the shape to what restoring relies on, and no more:
 * names of tables and columns become SQL, paths become files.
 * @throws TypeError where it is not of this shape
 */
export function readManifest(text: string): BackupManifest {
  const manifest = JSON.parse(text) as BackupManifest
  must(manifest.format === 1, 'format')
  must(!Number.isNaN(Date.parse(manifest.takenAt)), 'takenAt')
  must(isTexts(manifest.migrations), 'migrations')
  must(Array.isArray(manifest.tables) && manifest.tables.length <= MOST_TABLES, 'tables')
  for (const table of manifest.tables) {
    const { name, columns, path, rows } = table
    must(TABLE.test(name) && path === `database/${name}.gz`, `tables: ${name}`)
    must(isTexts(columns) && columns.every((column) => TABLE.test(column)), `columns of ${name}`)
    must(isCount(rows) && isFile(table), name)
  }
  must(isFile(manifest.blobs) && manifest.blobs.path === 'blobs.gz', 'blobs')
  must(isTexts(manifest.blobs.missing) && manifest.blobs.missing.every(isSha256), 'blobs.missing')
  must(Array.isArray(manifest.sequences), 'sequences')
  for (const { name, lastValue, isCalled } of manifest.sequences)
    must(
      TABLE.test(name) && /^\d{1,19}$/.test(lastValue) && typeof isCalled === 'boolean',
      `sequence ${name}`,
    )
  must(Array.isArray(manifest.absent), 'absent')
  return manifest
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isFile = ({ sha256, bytes }: { readonly sha256: string; readonly bytes: number }): boolean =>
  typeof sha256 === 'string' && isSha256(sha256) && isCount(bytes)

function must(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`the manifest is not one of a backup: ${what}`)
}
