/** Where the base64 text of one attachment stood in the packet. */
export interface Cut {
  /** The text that stands for it in the skeleton; unguessable, so nothing in a packet can pass for it. */
  readonly placeholder: string
  /** Received bytes, `start` inclusive, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** 1-based received line on which the text begins. */
  readonly line: number
  /** Line feeds in the text. */
  readonly lineFeeds: number
  /** Whether something other than the closing tag follows: a comment, CDATA, an element. */
  readonly mixed: boolean
}

/**
 * The packet without the content of its attachments. With every placeholder put back for its bytes it is the packet as
 * received, from `skip` on; so a signature over the whole can be checked by streaming.
 */
export interface Skeleton {
  readonly bytes: Uint8Array
  readonly cuts: readonly Cut[]
  /** Received bytes before the XML (byte order mark, stray bytes) that are not in the skeleton. */
  readonly skip: number
  /** Line feeds among those. */
  readonly skippedLines: number
}

/**
 * The received line of a line in the skeleton. A placeholder ends with a line feed where its text held any, so that what
 * follows a cut never shares a line with it.
 */
export function receivedLine(skeleton: Skeleton, line: number): number {
  let received = line + skeleton.skippedLines
  for (const cut of skeleton.cuts) {
    if (received <= cut.line) break
    received += Math.max(0, cut.lineFeeds - 1)
  }
  return received
}
