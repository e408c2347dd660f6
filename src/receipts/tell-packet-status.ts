import { recordEvents } from '../audit/record-events.ts'
import { tellPacketStatus } from '../db/axis-packets.ts'
import { isNotStoredOnRecord } from '../db/packet-not-stored.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { PacketStatus } from '../domain/axis/packet-status.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode, DeliveryKey, DocumentKey } from '../domain/identifiers.ts'

export interface ToldOfPacket {
  readonly caller: Caller
  readonly document: DocumentKey
  readonly delivery: DeliveryKey
  readonly recipient: AgencyCode
  readonly status: PacketStatus
  /** Why it is `fail`, in the words of the system. */
  readonly description: string | null
}

/**
 * Keeps what a recipient's system tells of a packet. The last word replaces the ones before; that the packet could not be
 * taken is on record for good as well, once for each reason, however often a system that polls repeats it.
 */
export function tellOfPacket(pool: Pool, told: ToldOfPacket): Promise<void> {
  const { caller, document, delivery, recipient: agency, status, description } = told
  return inTransaction(pool, async (db) => {
    await tellPacketStatus(db, delivery, { status, description, systemId: caller.clientId })
    if (status !== 'fail' || (await isNotStoredOnRecord(db, delivery, description))) return
    const detail = { description }
    await recordEvents(db, [
      { kind: 'packet-not-stored', actor: caller.clientId, agency, document, delivery, detail },
    ])
  })
}
