import { newDocumentKey } from '../domain/identifiers.ts'
import { sealedObjects } from '../domain/sealed-objects.ts'
import {
  attachmentsOf,
  type IntakeDependencies,
  type SealedDocument,
  type VerifiedDocument,
} from './submission.ts'

/** Seals the packet as received and each attachment: a detached XAdES over their digests, itself staged as a blob. */
export async function sealDocument(
  { sealer }: IntakeDependencies,
  document: VerifiedDocument,
): Promise<SealedDocument> {
  const objects = sealedObjects(document.packet.sha256, attachmentsOf(document.envelope))
  const xades = await sealer.seal(objects, document.now)
  const { sha256 } = await document.stage.write(only(xades))
  return { ...document, key: newDocumentKey(), objects, seal: sha256 }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
