import { type ByteSource, chunksOf } from '../byte-source.ts'
import { type CheckedSignature, checking, unverifiable } from '../checks.ts'
import type { Given } from './given.ts'
import { checkXmlSignatures } from './xmldsig.ts'
import { coversObjectsBeside } from './xmldsig-coverage.ts'
import { UNNAMED } from './xmldsig-data.ts'
import { objectNamed, readExternals } from './xmldsig-external.ts'
import { MAX_XML_BYTES } from './xmldsig-tree.ts'

/** The word in UTF-8, and in UTF-16 either way round. */
const NEEDLES = [Buffer.from('Signature'), Buffer.from('Signature', 'utf16le').subarray(0, -1)]

/** An XML file that is too large is searched for the mere word: without it there is no signature. */
export async function checkXmlFile(content: ByteSource, given: Given): Promise<CheckedSignature[]> {
  if (content.length <= MAX_XML_BYTES) {
    const bytes = await content.read(0, content.length)
    const detached = given.detached ?? new Map<string, ByteSource>()
    return checkXmlSignatures(bytes, {
      coverage: coversObjectsBeside([...detached.values()], (uri) => objectNamed(uri ?? UNNAMED, detached)),
      anyEncoding: true,
      ...(given.key !== undefined && { key: given.key }),
      ...(await readExternals(bytes, detached)),
    })
  }
  let tail = Buffer.alloc(0)
  for await (const chunk of chunksOf(content)) {
    const window = Buffer.concat([tail, chunk])
    if (NEEDLES.some((word) => window.includes(word))) {
      const stop = unverifiable('form', 'xml-too-large', `${content.length} > ${MAX_XML_BYTES}`)
      return [await checking('xmldsig', () => Promise.reject(stop))]
    }
    tail = window.subarray(-24)
  }
  return []
}
