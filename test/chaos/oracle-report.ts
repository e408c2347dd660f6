/**
 * What the oracle found by comparing the senders' journal, the receivers' records, receipts, and the gateway's database.
 * Of what is accepted, delivery by delivery: `named = delivered + waiting + failed + recalled`. Lists name documents or
 * deliveries, and must be empty. Words as of Jepsen's checkers `total-queue` and `set-full`.
 */
export interface Report {
  readonly counts: {
    /** Requests begun, also those that were never answered. */
    readonly intended: number
    /** Documents of which the sender holds a receipt. */
    readonly accepted: number
    /** Not answered, and yet in the gateway: the sender asked again or may. */
    readonly recovered: number
    /** Deliveries that those receipts name: one for each recipient of each document. */
    readonly named: number
    /** What became of them. */
    readonly delivered: number
    readonly waiting: number
    readonly failed: number
    readonly recalled: number
  }
  /** Whether the equation holds. */
  readonly unbalanced: readonly string[]
  /**
   * Accepted, and neither delivered nor waiting nor failed nor recalled for a recipient that the receipt names; or the
   * receipt does not name whom the sender named.
   */
  readonly lost: readonly string[]
  /** More than one entry in one inbox. */
  readonly duplicated: readonly string[]
  /** In an inbox, and nobody sent it there. */
  readonly unexpected: readonly string[]
  /** Other bytes than those that were sent. */
  readonly altered: readonly string[]
  /** Receipts, of acceptance or of delivery, without their document, or that do not verify. */
  readonly groundless: readonly string[]
  /** Events that lack, or stand twice, or contradict the state of what they tell of. */
  readonly unaudited: readonly string[]
}

/** Whether every list is empty. */
export const isSound = ({ counts: _told, ...lists }: Report): boolean =>
  Object.values(lists).every((list) => list.length === 0)
