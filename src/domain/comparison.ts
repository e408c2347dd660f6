import type { DeliveryReceipt } from './delivery-receipt.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { AgencyCode, DeliveryKey, DocumentKey } from './identifiers.ts'
import type { AcceptanceReceipt } from './receipt.ts'

/** What the gateway signed, as others kept it. */
export type Attested =
  | { readonly kind: 'acceptance'; readonly receipt: AcceptanceReceipt }
  | { readonly kind: 'delivery'; readonly receipt: DeliveryReceipt }

/** A delivery that had come further than the gateway knows. */
export interface Behind {
  readonly delivery: DeliveryKey
  readonly document: DocumentKey
  readonly agency: AgencyCode
  /** On record here. */
  readonly here: DeliveryState
  /** As a receipt attests it. */
  readonly attested: DeliveryState
  /** ISO 8601, UTC; null where the receipt says nothing of it. */
  readonly handedOverAt: string | null
  readonly acknowledgedAt: string | null
}

/** What receipts attest and the gateway does not know. */
export interface Comparison {
  /** Accepted, and not on record. */
  readonly lostDocuments: readonly AcceptanceReceipt[]
  /** Of documents that are on record; a delivery of a lost document is told with that. */
  readonly lostDeliveries: readonly DeliveryReceipt[]
  readonly behind: readonly Behind[]
  /** Receipts that agree with what is on record. */
  readonly agreeing: number
}

/** What is on record of those that receipts speak of. */
export interface OnRecord {
  readonly documents: ReadonlySet<DocumentKey>
  readonly deliveries: ReadonlyMap<DeliveryKey, DeliveryState>
}

/** How far a delivery has come, by state; ends of another kind than hand-over stand beside it. */
const STEPS: Record<DeliveryState, number> = {
  waiting: 0,
  failed: 1,
  available: 1,
  'handed-over': 2,
  acknowledged: 3,
  withdrawn: 4,
}

/** Compares what receipts attest with what is on record, each document and each delivery once. */
export function compareReceipts(attested: Iterable<Attested>, record: OnRecord): Comparison {
  const lostDocuments = new Map<DocumentKey, AcceptanceReceipt>()
  const lostDeliveries = new Map<DeliveryKey, DeliveryReceipt>()
  const behind = new Map<DeliveryKey, Behind>()
  let agreeing = 0
  const compareState = (claim: Behind): boolean => {
    const known = behind.get(claim.delivery)
    const from = known?.attested ?? claim.here
    if (STEPS[claim.attested] <= STEPS[from]) return known === undefined
    behind.set(claim.delivery, claim)
    return false
  }
  for (const one of attested) {
    if (one.kind === 'acceptance') {
      const withdrawn = withdrawals(one.receipt, record)
      const isKnown = record.documents.has(one.receipt.document)
      if (!isKnown) lostDocuments.set(one.receipt.document, one.receipt)
      // A recall that is lost took something back that is on its way again.
      const agrees = withdrawn.map(compareState)
      if (isKnown && agrees.every(Boolean)) agreeing += 1
      continue
    }
    const { receipt } = one
    const here = record.deliveries.get(receipt.delivery)
    if (here === undefined) lostDeliveries.set(receipt.delivery, receipt)
    else if (compareState({ ...receipt, here, attested: receipt.state })) agreeing += 1
  }
  return {
    lostDocuments: [...lostDocuments.values()],
    lostDeliveries: [...lostDeliveries.values()].filter(({ document }) => !lostDocuments.has(document)),
    behind: [...behind.values()],
    agreeing,
  }
}

const withdrawals = ({ document, withdrawn }: AcceptanceReceipt, { deliveries }: OnRecord): Behind[] =>
  withdrawn.flatMap(({ delivery, agency }) => {
    const here = deliveries.get(delivery)
    const times = { handedOverAt: null, acknowledgedAt: null }
    return here === undefined ? [] : [{ delivery, document, agency, here, attested: 'withdrawn', ...times }]
  })
