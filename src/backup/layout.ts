import { join } from 'node:path'

/**
 * Where things lie in a folder of backups:
 *
 *     blobs/ab/cd/abcd…       every blob of every backup, by its SHA-256, each once
 *     20261122T031500Z/       one backup; its name is the instant of its snapshot
 *       manifest.json         what it holds, with the digest of each file
 *       manifest.jws          the gateway's signature over the digest of the manifest
 *       blobs.gz              which blobs it needs
 *       database/<table>.gz   rows
 *     .20261122T031500Z.partial/   one that is being written, or was cut off
 */
export const MANIFEST = 'manifest.json'
export const SEAL = 'manifest.jws'
export const BLOB_LIST = 'blobs.gz'
export const tableFile = (table: string): string => `database/${table}.gz`

export const blobsOf = (folder: string): string => join(folder, 'blobs')
export const partialOf = (folder: string, name: string): string => join(folder, `.${name}.partial`)

const NAME = /^\d{8}T\d{9}Z$/
export const isBackupName = (name: string): boolean => NAME.test(name)

/** `20261122T031500123Z`: sorts as time does, to the millisecond. */
export const backupName = (takenAt: Date): string => takenAt.toISOString().replaceAll(/[-:.]/g, '')
