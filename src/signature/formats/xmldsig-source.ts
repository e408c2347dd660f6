import { type ByteSource, chunksOf } from '../byte-source.ts'
import { type CheckedSignature, SignatureStop, unverifiable } from '../checks.ts'
import { LEAST_CUT } from './xml-cuts.ts'
import { MAX_XML_BYTES } from './xml-parse.ts'
import { placeCuts, readSkeleton, type XmlSkeleton } from './xml-skeleton.ts'
import { StreamedDigests } from './xml-streamed.ts'
import { checkDocument, checkXmlSignatures, stopped, type XmlRules } from './xmldsig.ts'
import { readSignedDocument } from './xmldsig-document.ts'

/** All in bytes. */
export interface XmlLimits {
  /** Of a file whose long texts are left in it. */
  readonly streamFrom: number
  /** The shortest of these texts. */
  readonly leastCut: number
  /** Of what is held in memory: a whole file, or one without its long texts. */
  readonly most: number
}

export const XML_LIMITS: XmlLimits = {
  streamFrom: 1024 * 1024,
  leastCut: LEAST_CUT,
  most: MAX_XML_BYTES,
}

/** The rules for a document, of which the bytes are given as far as they are in memory. */
export type RulesFor = (bytes: Uint8Array) => Promise<XmlRules>

/**
 * Checks every signature of an XML file of any length as `checkXmlSignatures` does. Of a long file the texts that are
 * base64 all through stay in it, and are read where a digest is made of them: memory holds the rest. A long file whose
 * rest is too large too, or whose signature asks for more than digests of these texts, is reported as unverifiable.
 * What `source.read` throws goes through; nothing is thrown for what the bytes hold.
 */
export async function checkXmlSource(
  source: ByteSource,
  rulesFor: RulesFor,
  limits: XmlLimits = XML_LIMITS,
): Promise<CheckedSignature[]> {
  const isSmall = source.length <= limits.most
  if (source.length >= limits.streamFrom) {
    const skeleton = await readSkeleton(source, limits.leastCut, limits.most)
    const checked = skeleton && (await checkSkeleton(skeleton, source, rulesFor))
    if (checked !== undefined && !(checked.isShort && isSmall)) return checked.signatures
  }
  if (isSmall) {
    const bytes = await source.read(0, source.length)
    return checkXmlSignatures(bytes, await rulesFor(bytes))
  }
  return (await holdsTheWord(source))
    ? [stopped(unverifiable('form', 'xml-too-large', `${source.length} > ${limits.most}`))]
    : []
}

interface SkeletonCheck {
  readonly signatures: CheckedSignature[]
  /** Whether some answer is missing for want of a text that is not in memory. */
  readonly isShort: boolean
}

/** What is signed and stamped asks for digests, and timestamps over timestamps for no more: far more than is needed. */
const MAX_ROUNDS = 5

async function checkSkeleton(
  { bytes, cuts }: XmlSkeleton,
  source: ByteSource,
  rulesFor: RulesFor,
): Promise<SkeletonCheck> {
  if (!looksLikeSigned(bytes)) return { signatures: [], isShort: false }
  const rules = await rulesFor(bytes)
  const streamed = new StreamedDigests(source)
  try {
    const document = readSignedDocument(bytes, rules.anyEncoding === true)
    await placeCuts(document.root, cuts, source, streamed.short)
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const signatures = checkDocument(document, rules, streamed)
      const isShort = streamed.isShort || signatures.some(isShortOf)
      if (streamed.isComplete) return { signatures, isShort }
      await streamed.make()
    }
    throw unverifiable('reference', 'xml-too-costly')
  } catch (error) {
    if (error instanceof SignatureStop) return { signatures: [stopped(error)], isShort: true }
    throw error
  }
}

const isShortOf = ({ checks }: CheckedSignature): boolean =>
  checks.some(({ code }) => code === 'text-not-at-hand')

/** In UTF-8 an element name cannot be written otherwise: without these letters there is no signature. */
const looksLikeSigned = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('Signature') ||
  bytes.subarray(0, 4).includes(0)

/** The word in UTF-8, and in UTF-16 either way round. */
const NEEDLES = [Buffer.from('Signature'), Buffer.from('Signature', 'utf16le').subarray(0, -1)]

/** A file that is too large is searched for the mere word: without it there is no signature. */
async function holdsTheWord(source: ByteSource): Promise<boolean> {
  let tail = Buffer.alloc(0)
  for await (const chunk of chunksOf(source)) {
    const window = Buffer.concat([tail, chunk])
    if (NEEDLES.some((word) => window.includes(word))) return true
    tail = window.subarray(-24)
  }
  return false
}
