import type { DocumentRecord } from '../db/documents.ts'
import type { Hop } from '../domain/axis/hop.ts'
import { addTraceHeader } from '../edxml/add-trace-header.ts'
import { type ContentDependencies, packetContent } from './document-content.ts'

/** A packet as it is given out. */
export interface GivenPacket {
  readonly mediaType: string
  /** Bytes. */
  readonly length: number
  open(): AsyncIterable<Uint8Array>
}

/**
 * The packet byte for byte as received, or with one TraceHeader more.
 * @param hop null: as received
 * @throws GatewayError `content-damaged`, `storage-unavailable`
 */
export async function givenPacket(
  dependencies: ContentDependencies,
  document: DocumentRecord,
  hop: Hop | null,
): Promise<GivenPacket> {
  const content = await packetContent(dependencies, document)
  const received = { length: document.packetLength, open: () => content.open() }
  const { length, open } = hop === null ? received : await addTraceHeader(received, hop)
  return { mediaType: content.mediaType, length, open }
}
