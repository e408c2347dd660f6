import type { EntryDigests } from './asic-digests.ts'
import type { Manifest } from './asic-manifest.ts'
import type { MetaFiles } from './asic-names.ts'
import type { Container } from './asic-zip.ts'
import type { Given } from './given.ts'

export interface OpenManifest {
  readonly manifest: Manifest
  readonly bytes: Buffer
}

/** What is known of an open container while its signatures are checked. */
export interface OpenContainer {
  readonly container: Container
  readonly files: MetaFiles
  readonly digests: EntryDigests
  readonly objects: readonly string[]
  /** By their own names. */
  readonly manifests: ReadonlyMap<string, OpenManifest>
  readonly given: Given
}
