import { edxmlTimestamp } from '../vietnam-time.ts'

/** An exchange that a packet has passed through. */
export interface Hop {
  /** As TraceHeader/OrganId (QCVN 102:2016 §2.1). */
  readonly organId: string
  /** `yyyy/MM/dd HH:mm:ss`, Vietnam time. */
  readonly timestamp: string
}

/** What a gateway tells of itself to the next one: since when it has the packet, the same at every attempt. */
export const hopHere = (traceId: string, acceptedAt: Date): Hop => ({
  organId: traceId,
  timestamp: edxmlTimestamp(acceptedAt),
})
