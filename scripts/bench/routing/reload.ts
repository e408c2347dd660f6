import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../../../src/db/pool.ts'
import type { AgencyCode } from '../../../src/domain/identifiers.ts'
import { recordFacts } from '../../../test/support/record-facts.ts'
import { startChild } from './child.ts'
import type { Seen } from './follower-child.ts'
import { randomOf } from './random.ts'

const CHANGES = 20

/**
 * Milliseconds from the commit of a revision until another process decides from it, for each of twenty changes at
 * moments that have nothing to do with its polling.
 */
export async function reloadTimes(
  pool: Pool,
  how: 'listen' | 'poll',
  agency: AgencyCode,
  variables: Readonly<Record<string, string>>,
): Promise<number[]> {
  const random = randomOf(20)
  const follower = startChild<Seen>('./follower-child.ts', [how], variables)
  try {
    await follower.next()
    const times: number[] = []
    for (let change = 0; change < CHANGES; change += 1) {
      await sleep(random() * 1_000)
      const revision = await recordContact(pool, agency, `${how}-${change}`)
      const committed = performance.timeOrigin + performance.now()
      let seen: Seen
      do seen = await follower.next()
      while (seen.revision < revision)
      times.push(seen.at - committed)
    }
    return times
  } finally {
    await follower.stop()
  }
}

const recordContact = (pool: Pool, subject: AgencyCode, role: string): Promise<number> =>
  recordFacts(pool, [
    {
      subject,
      kind: 'contact',
      value: { role, name: null, phone: null, email: null, address: null },
      validFrom: '2025-01-01',
      validTo: null,
    },
  ])
