import type { ByteSource } from '../byte-source.ts'
import type { CheckedSignature } from '../checks.ts'
import type { Given } from './given.ts'
import { coversFile } from './xmldsig-coverage.ts'
import { UNNAMED } from './xmldsig-data.ts'
import { objectNamed, readExternals } from './xmldsig-external.ts'
import { checkXmlSource } from './xmldsig-source.ts'

/** An XML file of any kind and length. */
export function checkXmlFile(content: ByteSource, { detached, key }: Given): Promise<CheckedSignature[]> {
  const objects = detached ?? new Map<string, ByteSource>()
  return checkXmlSource(content, async (bytes) => ({
    coverage: coversFile([...objects.values()], (uri) => objectNamed(uri ?? UNNAMED, objects)),
    anyEncoding: true,
    ...(key !== undefined && { key }),
    ...(await readExternals(bytes, objects)),
  }))
}
