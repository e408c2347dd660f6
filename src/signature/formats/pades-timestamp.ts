import { createHash } from 'node:crypto'
import { type CheckedSignature, failed, passed, unverifiable } from '../checks.ts'
import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import { checkToken, tokenImprint } from '../timestamp/token.ts'
import { type Content, checkCms, openCms } from './cms.ts'

/** A document timestamp (EN 319 142-1 §5.4.3): one entry among the signatures, and proof of time for those before. */
export interface DocumentTimestamp {
  readonly signature: CheckedSignature
  readonly timestamp: CheckedTimestamp
}

/**
 * A timestamp fits when the imprint in its TSTInfo is the digest of the covered bytes (RFC 3161 §2.4.2).
 * @throws SignatureStop where it cannot be read
 */
export async function checkDocumentTimestamp(
  contents: Uint8Array,
  covered: Content,
): Promise<DocumentTimestamp> {
  const data = openCms(contents)
  const token = contents.subarray(0, data.length)
  const imprint = tokenImprint(token)
  if (imprint === undefined) throw unverifiable('timestamp', 'signature-malformed', 'TSTInfo')
  const digest = await digestOf(covered, imprint.hash)
  const timestamp = checkToken(token, 'document', (hash) => (hash === imprint.hash ? digest : null))
  const [checked] = await checkCms('pades', data, undefined)
  if (checked === undefined) throw unverifiable('timestamp', 'signature-malformed', 'TSTInfo')
  const isIntact = timestamp.imprintMatch === true
  const { genTime, strong } = timestamp
  const signature: CheckedSignature = {
    ...checked,
    state: isIntact || checked.state === 'unverifiable' ? checked.state : 'invalid',
    strong,
    references: [{ uri: 'ByteRange', intact: isIntact }],
    documentTimestamp: true,
    ...(genTime !== undefined && { claimedSigningTime: genTime.toISOString() }),
    checks: [...checked.checks, isIntact ? passed('timestamp') : failed('timestamp', 'digest-mismatch')],
  }
  return { signature, timestamp }
}

export async function digestOf(content: Content, algorithm: string): Promise<Buffer> {
  const hash = createHash(algorithm)
  for await (const chunk of content()) hash.update(chunk)
  return hash.digest()
}
