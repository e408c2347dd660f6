/** An exchange that a packet has passed through. */
export interface Hop {
  /** As TraceHeader/OrganId (QCVN 102:2016 §2.1). */
  readonly organId: string
  /** `yyyy/MM/dd HH:mm:ss`, Vietnam time. */
  readonly timestamp: string
}
