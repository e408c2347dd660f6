import type { CheckedSignature } from '../checks.ts'
import type { OpenContainer } from './asic-container.ts'
import { entryNameOf } from './asic-names.ts'
import { readEntry } from './asic-zip.ts'
import { checkXmlSignatures } from './xmldsig.ts'
import { type CoverageRule, isOverWholeObject } from './xmldsig-coverage.ts'
import { externalReferences } from './xmldsig-external.ts'

/** Of one entry, and of all together, that are held in memory for transforms and timestamps. */
const MAX_HELD_ENTRY = 16 * 1024 * 1024
const MAX_HELD = 64 * 1024 * 1024
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i

/** XAdES of a container (EN 319 162-1 §4.3.3.2, §4.4.3.2): the references are names of entries. */
export async function checkXadesFile(
  open: OpenContainer,
  _file: string,
  bytes: Uint8Array,
): Promise<CheckedSignature[]> {
  const held = await prepare(open, bytes)
  return checkXmlSignatures(bytes, {
    coverage: coversNamedEntries(open.objects),
    // What is named and not there was taken away: an empty digest fits nothing.
    external: (uri, hash) =>
      ABSOLUTE.test(uri) ? undefined : (open.digests.get(entryNameOf(uri), hash) ?? Buffer.alloc(0)),
    externalBytes: (uri) => held.get(entryNameOf(uri)),
    ...(open.given.key !== undefined && { key: open.given.key }),
  })
}

/** Each data object must be named by a reference that leads out of the signature, and leaves nothing of it out. */
const coversNamedEntries =
  (objects: readonly string[]): CoverageRule =>
  (_document, _signature, references) => {
    const named = new Set(
      references.filter(isOverWholeObject).map(({ reference: { uri } }) => entryNameOf(uri ?? '')),
    )
    return objects.length > 0 && objects.every((name) => named.has(name))
  }

/** Makes the digests that the references ask for, and reads entries of moderate size. */
async function prepare(open: OpenContainer, bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const held = new Map<string, Uint8Array>()
  let left = MAX_HELD
  for (const { uri, hash } of externalReferences(bytes)) {
    const entry = open.container.get(entryNameOf(uri))
    if (entry === undefined) continue
    if (hash !== undefined) await open.digests.prepare([entry.name], [hash])
    if (held.has(entry.name)) continue
    const whole = await readEntry(entry, Math.min(left, MAX_HELD_ENTRY))
    if (whole === undefined) continue
    held.set(entry.name, whole)
    left -= whole.length
  }
  return held
}
