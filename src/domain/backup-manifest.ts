import type { Sha256 } from './identifiers.ts'

/** A file of a backup, beside its manifest. */
export interface BackupFile {
  /** Relative to the backup's folder, with slashes. */
  readonly path: string
  /** Over the file as it lies there. */
  readonly sha256: Sha256
  /** Of the file as it lies there. */
  readonly bytes: number
}

/** One table of the snapshot: rows as `COPY … TO STDOUT` writes them (text, UTF-8), under gzip. */
export interface BackupTable extends BackupFile {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
}

/** How far a sequence had come; at least as far as the snapshot, for sequences stand outside of transactions. */
export interface SequenceState {
  readonly name: string
  readonly lastValue: string
  readonly isCalled: boolean
}

/** The last of what the snapshot holds: what comes after is not in the backup. */
export interface BackupHeads {
  readonly document: { readonly key: string; readonly acceptedAt: string } | null
  readonly auditEvent: string | null
  readonly directoryRevision: number
  readonly routingRevision: number
}

/** A key or a secret that the gateway works with and that is not in the backup. */
export interface AbsentSecret {
  /** The variable that names it. */
  readonly variable: string
  /** Tells whether another one is the same, and nothing of what it is; null where none is configured. */
  readonly fingerprint: string | null
}

/** What a backup holds, and by which digests each part of it is known. Times are ISO 8601, UTC. */
export interface BackupManifest {
  readonly format: 1
  /** The name of the backup's folder. */
  readonly name: string
  /** When the snapshot was taken, by the database's clock: everything committed before is here, nothing after. */
  readonly takenAt: string
  readonly postgresql: string
  /** The migrations that the database had, in their order. */
  readonly migrations: readonly string[]
  readonly tables: readonly BackupTable[]
  readonly sequences: readonly SequenceState[]
  readonly heads: BackupHeads
  /** The list of blobs that the snapshot names, one SHA-256 a line, under gzip; the blobs lie in `../blobs`. */
  readonly blobs: BackupFile & {
    readonly count: number
    /** Named by the snapshot, and not in the store or damaged there: they are not in the backup. */
    readonly missing: readonly Sha256[]
  }
  readonly absent: readonly AbsentSecret[]
}

/** What the gateway's key signs of a backup. */
export interface BackupSeal {
  readonly event: 'BackupTaken'
  readonly name: string
  readonly takenAt: string
  readonly manifestSha256: Sha256
}
