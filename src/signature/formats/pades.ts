import { createHash } from 'node:crypto'
import { TSTInfo } from 'pkijs'
import { hashByOid } from '../algorithms.ts'
import { type ByteSource, chunksOf } from '../byte-source.ts'
import {
  type CheckedSignature,
  checking,
  failed,
  passed,
  type SignatureStop,
  unverifiable,
} from '../checks.ts'
import { parseBer } from './asn1.ts'
import { type Content, checkCms, openCms } from './cms.ts'
import type { SignedData } from './cms-structure.ts'
import { type PdfSignature, readPdfSignature, surveyPdf } from './pades-dictionary.ts'

/** One signature of a PDF, before it is weighed against the others of the file. */
export interface CheckedPdfSignature {
  readonly checked: CheckedSignature
  /** A document timestamp (ETSI.RFC3161) attests a time, not a signer. */
  readonly isTimestamp: boolean
  /** Where the covered bytes end. */
  readonly end: number
}

const CAN_CHECK = new Set(['adbe.pkcs7.detached', 'ETSI.CAdES.detached', 'ETSI.RFC3161'])

/**
 * Checks every signature of a PDF (ISO 32000-2 §12.8, ETSI EN 319 142-1): integrity of the bytes that each covers,
 * not trust. Memory stays flat whatever the length of the file. Empty where there is none.
 */
export async function checkPdfSignatures(source: ByteSource): Promise<CheckedPdfSignature[]> {
  const { byteRanges, encrypted, tooMany } = await surveyPdf(source)
  if (tooMany) return [await stopped(unverifiable('form', 'too-many-signatures'))]
  const found: CheckedPdfSignature[] = []
  const sound = new Set<string>()
  for (const { at, text } of byteRanges) {
    if (encrypted) found.push(await stopped(unverifiable('form', 'pdf-encrypted')))
    // A later revision may hold a copy of a dictionary that was found before; the copy itself is not over its bytes.
    else if (sound.has(text)) found.push(await stopped(unverifiable('form', 'pdf-copy', text)))
    else {
      const checked = await checkAt(source, at)
      if (checked.every(({ checked: { state } }) => state === 'valid')) sound.add(text)
      found.push(...checked)
    }
  }
  return found
}

const stopped = async (stop: SignatureStop): Promise<CheckedPdfSignature> => ({
  checked: await checking('pades', () => Promise.reject(stop)),
  isTimestamp: false,
  end: 0,
})

async function checkAt(source: ByteSource, at: number): Promise<CheckedPdfSignature[]> {
  let opened: { signature: PdfSignature; data: SignedData } | undefined
  const form = await checking('pades', async () => {
    opened = await openSignature(source, at)
  })
  if (opened === undefined) return [{ checked: form, isTimestamp: false, end: 0 }]
  const { signature, data } = opened
  const { gapStart, gapEnd, end } = signature
  const covered: Content = async function* () {
    yield* chunksOf(source, 0, gapStart)
    yield* chunksOf(source, gapEnd, end)
  }
  const isTimestamp = signature.subFilter === 'ETSI.RFC3161'
  const checked = await checkCms('pades', data, isTimestamp ? undefined : covered)
  const results = isTimestamp
    ? await Promise.all(checked.map((one) => withImprint(one, data, covered)))
    : checked
  return results.map((one) => ({ checked: one, isTimestamp, end }))
}

async function openSignature(source: ByteSource, at: number) {
  const signature = await readPdfSignature(source, at)
  if (signature.subFilter === undefined || !CAN_CHECK.has(signature.subFilter)) {
    throw unverifiable('form', 'subfilter-unsupported', signature.subFilter ?? '—')
  }
  const data = openCms(signature.contents)
  const isTimestamp = signature.subFilter === 'ETSI.RFC3161'
  // Content inside the CMS of a PDF signature would be checked in place of the file's bytes.
  if (!isTimestamp && data.content !== undefined)
    throw unverifiable('form', 'signature-malformed', 'eContent')
  if (signature.contents.subarray(data.length).some((byte) => byte !== 0)) {
    throw unverifiable('form', 'signature-malformed', '/Contents')
  }
  return { signature, data }
}

/** A timestamp fits when the imprint in its TSTInfo is the digest of the covered bytes (RFC 3161 §2.4.2). */
async function withImprint(
  checked: CheckedSignature,
  data: SignedData,
  covered: Content,
): Promise<CheckedSignature> {
  const imprint = readImprint(data)
  const isIntact = imprint?.digest.equals(await digestOf(covered, imprint.hash)) ?? false
  return {
    ...checked,
    state: isIntact ? checked.state : 'invalid',
    checks: [...checked.checks, isIntact ? passed('timestamp') : failed('timestamp', 'digest-mismatch')],
  }
}

async function digestOf(content: Content, algorithm: string): Promise<Buffer> {
  const hash = createHash(algorithm)
  for await (const chunk of content()) hash.update(chunk)
  return hash.digest()
}

function readImprint(data: SignedData): { hash: string; digest: Buffer } | undefined {
  try {
    const { messageImprint } = new TSTInfo({ schema: parseBer(data.content!).node })
    const hash = hashByOid(messageImprint.hashAlgorithm.algorithmId)
    return hash && { hash, digest: Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView) }
  } catch {
    return undefined
  }
}
