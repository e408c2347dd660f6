import type { Container } from './asic-zip.ts'

/** What stands in META-INF, by the names of EN 319 162-1 §4.3.3, §4.4.3. */
export interface MetaFiles {
  readonly xades: readonly string[]
  readonly cades: readonly string[]
  readonly timestamps: readonly string[]
  readonly manifests: readonly string[]
}

const PATTERNS: Readonly<Record<keyof MetaFiles, RegExp>> = {
  xades: /^META-INF\/[^/]*signatures[^/]*\.xml$/i,
  cades: /^META-INF\/[^/]*signature[^/]*\.p7s$/i,
  timestamps: /^META-INF\/[^/]*timestamp[^/]*\.tst$/i,
  manifests: /^META-INF\/ASiC(?:Archive)?Manifest[^/]*\.xml$/i,
}

export function metaFiles(container: Container): MetaFiles {
  const names = [...container.keys()]
  const named = (pattern: RegExp) => names.filter((name) => pattern.test(name))
  return {
    xades: named(PATTERNS.xades),
    cades: named(PATTERNS.cades),
    timestamps: named(PATTERNS.timestamps),
    manifests: named(PATTERNS.manifests),
  }
}

/** The data objects: all but what the container keeps for itself. A folder of like name is one like any other. */
export const dataObjects = (container: Container): string[] =>
  [...container.keys()].filter((name) => name !== 'mimetype' && !name.startsWith('META-INF/'))

/** The entry that a reference leads to: a relative URI from the root of the container, percent-encoded (§A.6). */
export function entryNameOf(uri: string): string {
  const path = uri.startsWith('./') ? uri.slice(2) : uri
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
