import type { DocumentRecord } from '../../db/documents.ts'
import type { Hop } from '../../domain/axis/hop.ts'
import { edxmlTimestamp } from '../../domain/vietnam-time.ts'
import type { Asking, AxisSurroundings } from './asking.ts'

/** This gateway on a packet's way, the same however often it is told; null where it has no name for itself. */
export const ownHop = (
  { context: { traceId } }: AxisSurroundings,
  { acceptedAt }: DocumentRecord,
): Hop | null => (traceId === null ? null : { organId: traceId, timestamp: edxmlTimestamp(acceptedAt) })

/** What is written into a packet: nothing unless it is configured, and never for a gateway, which is told beside it. */
export const writtenHop = (
  { known: { system } }: Asking,
  surroundings: AxisSurroundings,
  document: DocumentRecord,
): Hop | null =>
  surroundings.context.config.axis?.writesTrace && !system.rights.includes('gateway')
    ? ownHop(surroundings, document)
    : null
