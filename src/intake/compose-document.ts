import type { BlobStage } from '../blobs/store.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { buildDocumentPacket } from '../edxml/build/build-document-packet.ts'
import { acceptSubmission } from './accept-submission.ts'
import { type DocumentHeader, documentInput } from './document-header.ts'
import { receiveUpload, type UploadPart } from './receive-upload.ts'
import type { AcceptedDocument, IntakeDependencies, Submission } from './submission.ts'

export type Sender = Pick<Submission, 'caller' | 'idempotencyKey'>

/**
 * Writes the packet of a document without files, and takes it in like any other.
 * @throws GatewayError `request-invalid` where no sound packet can be written; everything that intake throws
 */
export const acceptHeader = (
  dependencies: IntakeDependencies,
  sender: Sender,
  header: DocumentHeader,
): Promise<AcceptedDocument> => {
  const content = buildDocumentPacket(documentInput(header, agencyOf(sender)), [])
  return acceptSubmission(dependencies, { ...sender, content })
}

/** What an upload may hold: a whole packet, or a header, which is read by `readHeader`, with files. */
export interface UploadForm {
  readonly takesEnvelope: boolean
  /** @throws GatewayError `request-invalid`, `request-malformed` */
  readonly readHeader: (json: string) => DocumentHeader | Promise<DocumentHeader>
}

/**
 * Takes in a form: its parts come in any order and go to disk first, so that memory stays flat.
 * @throws GatewayError as `receiveUpload` and `acceptHeader` do
 */
export async function acceptUpload(
  dependencies: IntakeDependencies,
  sender: Sender,
  parts: AsyncIterable<UploadPart>,
  form: UploadForm,
): Promise<AcceptedDocument> {
  const stage = await dependencies.blobs.stage()
  try {
    const content = await contentOf(dependencies, sender, stage, parts, form)
    return await acceptSubmission(dependencies, { ...sender, content })
  } finally {
    await stage.discard()
  }
}

async function contentOf(
  { packetLimits }: IntakeDependencies,
  sender: Sender,
  stage: BlobStage,
  parts: AsyncIterable<UploadPart>,
  form: UploadForm,
): Promise<AsyncIterable<Uint8Array>> {
  const upload = await receiveUpload(stage, parts, form.takesEnvelope, packetLimits)
  if (upload.kind === 'envelope') return stage.read(upload.envelope.sha256)
  const files = upload.files.map(({ name, contentType, blob }) => ({
    name,
    contentType,
    read: () => stage.read(blob.sha256),
  }))
  return buildDocumentPacket(documentInput(await form.readHeader(upload.header), agencyOf(sender)), files)
}

/** Only an agency's client sends: the doors see to that, and this is where it would otherwise go wrong. */
function agencyOf({ caller }: Sender): AgencyCode {
  if (caller.agency === null) throw new GatewayError('scope-insufficient')
  return caller.agency
}
