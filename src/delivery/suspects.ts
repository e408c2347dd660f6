import type { TakenDelivery } from '../db/leases.ts'
import type { Transaction } from '../db/pool.ts'
import { othersInHandUntil, SUSPECT_FROM } from '../db/suspects.ts'
import { isConnectorChannel } from '../domain/axis/connector.ts'
import { giveBack } from './give-back.ts'

/** Why one waits over which workers died, though nothing may be wrong with it. */
const STANDS_ASIDE = {
  code: 'stands-aside',
  explanation: {
    vi: 'Nhiều tiến trình nhận chuyển văn bản này mà không báo lại kết quả: nó được chuyển lại riêng, sau các văn bản khác như vậy',
    en: 'Workers that had it never told what became of it: it is tried by itself, after others of which the same is true',
  },
}

/**
 * Gives a delivery back over which workers died in a row, where another such delivery is in somebody's hands. Of all that a
 * worker had as it died one may be to blame, and dies with whoever takes it: tried one at a time, only that one ends
 * further workers, and no other is given up with it. What goes by a connector is none of that: it stays with the others of
 * its packet, which the other exchange knows by its recipients. Returns whether it was given back.
 */
export async function standsAside(db: Transaction, delivery: TakenDelivery): Promise<boolean> {
  const { key, abandonments, channel } = delivery
  if (abandonments < SUSPECT_FROM || isConnectorChannel(channel)) return false
  const until = await othersInHandUntil(db, key)
  if (until === null) return false
  await giveBack(db, delivery, until, STANDS_ASIDE)
  return true
}
