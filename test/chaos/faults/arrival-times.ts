import { quantile } from '../../../scripts/bench/routing/figures.ts'
import { databaseNow } from '../../../src/db/now.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'

const PATIENCE_MS = 60_000

/** Does again, for a minute, what a machine under load may let fail: connections of the trial itself have little patience. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const { done } = await waitFor(async () => ({ done: await work() }), PATIENCE_MS)
  return done
}

/** Milliseconds of traffic in which what is compiled at first is compiled, and caches fill. */
const WARM_UP_MS = 20_000

/** Until how others fare is worth a comparison: who is measured cold is never worse off later. */
export const warmUp = (): Promise<void> => pause(WARM_UP_MS)

/** The database's clock. */
export const clockOf = ({ pool }: World): Promise<Date> => patiently(() => databaseNow(pool))

export interface Span {
  /** By the database's clock; documents that were accepted within. */
  readonly from: Date
  readonly to: Date
  /** Agencies that are left out: what is measured is how the others fare. */
  readonly without: readonly string[]
}

/** Milliseconds from the acceptance of a document until it lay in an inbox, of each delivery. */
export async function arrivalTimes({ pool }: World, { from, to, without }: Span): Promise<number[]> {
  const { rows } = await patiently(() =>
    pool.query<{ ms: number }>(
      `select (extract(epoch from min(audit_event.at) - document.accepted_at) * 1000)::float8 as ms
      from delivery join document on document.id = delivery.document_id
      join audit_event on audit_event.delivery_id = delivery.id
        and audit_event.kind in ('delivery-available', 'delivery-handed-over')
      where document.accepted_at between $1 and $2 and delivery.recipient_code <> all($3)
      group by delivery.id, document.accepted_at`,
      [from, to, without],
    ),
  )
  return rows.map(({ ms }) => ms)
}

/** What may be worse by chance alone, in milliseconds: a moment of garbage collection. */
const SLACK_MS = 50

/** How the others fared while something was broken, beside how they did before. @param worse part: 0.1 is a tenth */
export function faredAsBefore(
  name: string,
  [before, meanwhile]: readonly [readonly number[], readonly number[]],
  { part, worse }: { readonly part: number; readonly worse: number },
): Measure {
  const [calm, broken] = [quantile(before, part), quantile(meanwhile, part)]
  const most = Math.max(calm * (1 + worse), calm + SLACK_MS)
  const percentile = `p${Math.round(part * 100)}`
  const change = Math.round((broken / calm - 1) * 100)
  return {
    name,
    seen: `${percentile} ${broken.toFixed(0)} ms of ${meanwhile.length}, before ${calm.toFixed(0)} ms of ${before.length}: ${change < 0 ? '' : '+'}${change} %`,
    bar: `${percentile} ≤ ${most.toFixed(0)} ms (${Math.round(worse * 100)} % or ${SLACK_MS} ms more)`,
    met: broken <= most,
  }
}
