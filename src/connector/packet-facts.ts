import { createHash } from 'node:crypto'
import type { BlobStage } from '../blobs/store.ts'
import type { Attachment, Envelope } from '../domain/envelope.ts'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { openAttachment } from '../edxml/open-attachment.ts'

/**
 * A digest of what a packet says, whatever its bytes: exchanges write a packet anew on its way, with one more TraceHeader,
 * other prefixes and other zips around the same files. Equal digests are one packet.
 * @param names for whom it is handed in: the same packet for others is another one
 * @param stage holds the attachments
 * @param most bytes that may come out of a zip
 */
export async function factsOfPacket(
  envelope: Envelope,
  names: readonly string[],
  stage: BlobStage,
  most: number,
): Promise<Sha256> {
  const facts = { ...said(envelope), names: [...names].sort() }
  const files: string[][] = []
  for (const attachment of envelope.kind === 'document' ? envelope.attachments : [])
    files.push([attachment.name, await digestOfFile(attachment, stage, most)])
  return digest(JSON.stringify([canonical(facts), files]))
}

const said = (envelope: Envelope): Record<string, unknown> => {
  if (envelope.kind === 'status') return { ...envelope }
  const { trace: _way, attachments: _files, documentType, ...rest } = envelope
  // Writers put 0 or -1 for "none".
  const { typeDetail = 0, ...type } = documentType ?? {}
  return { ...rest, documentType: { ...type, ...(typeDetail > 0 && { typeDetail }) } }
}

/** A file as its reader finds it: out of the zip that the axis has put around it. */
async function digestOfFile(
  { name, length, sha256: raw, sniffedType }: Attachment,
  stage: BlobStage,
  most: number,
): Promise<string> {
  if (sniffedType !== 'application/zip') return raw
  try {
    const opened = await openAttachment({ name, length, read: (range) => stage.read(raw, range) }, most)
    if (!opened.unwrapped) return raw
    const hash = createHash('sha256')
    for await (const chunk of opened.read()) hash.update(chunk)
    return hash.digest('hex')
  } catch (error) {
    // Intake judges zips that cannot be read.
    if (error instanceof GatewayError) return raw
    throw error
  }
}

/** The same facts give the same text: fields in order, without what is empty. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical).filter(isSaid)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .map(([name, content]) => [name, canonical(content)] as const)
    .filter(([, content]) => isSaid(content))
    .sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries)
}

const isSaid = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(typeof value === 'object' && Object.keys(value).length === 0)

const digest = (text: string): Sha256 => sha256(createHash('sha256').update(text).digest('hex'))
