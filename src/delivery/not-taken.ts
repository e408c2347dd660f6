import type { Pool } from '../db/pool.ts'
import { inStatement } from '../db/transaction.ts'
import { putOff, TOLD_AFTER } from '../db/untaken.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

const EXPLANATION: Bilingual = {
  vi: 'Trục không lấy được lượt chuyển này ra để chuyển; sẽ thử lại, nguyên nhân ở nhật ký của bộ chuyển',
  en: 'The gateway could not take this delivery up; it tries again, and the log of the worker has the cause',
}

/** A delivery that breaks whoever takes it: no attempt was made, and it waits. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken'
  /** Whether somebody has to look at it: it was so several times in a row, or that cannot even be counted. */
  readonly isLasting: boolean

  /** @param failures how often in a row; null where its row cannot be written */
  constructor(failures: number | null, cause: unknown) {
    super(`the delivery could not be taken, ${failures ?? 'uncounted'} times in a row`, { cause })
    this.isLasting = failures === null || failures >= TOLD_AFTER
  }
}

/**
 * What became of a delivery that could not be taken. Where the database was not away, the delivery itself is to blame: it
 * waits ever longer, so that it takes no turns from others, and says why. It is not given up, for it is not the
 * recipient's fault, and goes when the gateway was mended.
 * @throws GatewayError as it came; NotTaken
 */
export async function notTaken(pool: Pool, key: DeliveryKey, cause: unknown): Promise<never> {
  if (cause instanceof GatewayError) throw cause
  const failures = await inStatement(pool, (db) => putOff(db, key, EXPLANATION)).catch((error: unknown) => {
    if (error instanceof GatewayError) throw error
    return null
  })
  if (failures === undefined) throw cause
  throw new NotTaken(failures, cause)
}
