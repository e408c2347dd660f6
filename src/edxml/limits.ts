/** What one packet may cost before it is refused. */
export interface PacketLimits {
  /** Received bytes. */
  readonly packetBytes: number
  /** Received bytes of a packet that is held in memory and read at once; a longer one is read as it comes. */
  readonly wholeBytes: number
  /** Bytes of the packet without the content of its attachments. */
  readonly skeletonBytes: number
  readonly attachments: number
  /** Elements nested in each other; libxml2 itself stops at 256. */
  readonly depth: number
  readonly elements: number
}

const MIB = 1024 * 1024

/**
 * The axis publishes no limits; its clients stop at 50 MB. A circular to each of the 111,000 agencies of the national
 * directory needs some 30 MB of skeleton.
 */
export const DEFAULT_LIMITS: PacketLimits = {
  packetBytes: 256 * MIB,
  wholeBytes: 256 * 1024,
  skeletonBytes: 32 * MIB,
  attachments: 500,
  depth: 64,
  elements: 500_000,
}
