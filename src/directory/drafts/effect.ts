import { databaseNow } from '../../db/now.ts'
import type { Queryable } from '../../db/pool.ts'
import {
  firstIdAt,
  inFlightBefore,
  type RecentDelivery,
  recentDeliveries,
} from '../../db/recent-deliveries.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { Draft } from '../../domain/draft.ts'
import { GatewayError } from '../../domain/problem.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import { compiledOf, compileTable } from '../routing/compile-table.ts'
import { tableInForce } from '../routing/table-in-force.ts'
import { goneAway, inSlices } from '../slices.ts'
import { type Destination, deciderOf, isSameDestination, type Setting } from './decide-again.ts'
import type { DraftDependencies } from './dependencies.ts'
import { type Judgement, type World, worldOf } from './judgement.ts'
import { handleOf } from './kinds.ts'
import { lastDayOf } from './last-day.ts'
import { type Move, type Moves, movesBetween, movesText } from './moves.ts'
import { checkStep } from './refusals.ts'
import { inTurn } from './turns.ts'

export interface ChangedDelivery {
  readonly delivery: string
  readonly document: string
  readonly sender: string
  readonly inFlight: boolean
  /** Where it would go by what is in force, and where by the draft. */
  readonly before: Destination
  readonly after: Destination
  /** What becomes of it where it is in flight and its recipient closes with the draft; null anywhere else. */
  readonly move: Move | null
}

/** What a draft would have changed, had it been in force. */
export interface Effect {
  /** The day for which both were decided, `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  readonly since: Date
  /** Deliveries that were decided again. */
  readonly considered: number
  /** There are more, and they were not looked at. */
  readonly isCut: boolean
  /** Of those accepted since then: how many would have gone elsewhere. */
  readonly elsewhere: number
  /** How many of them would have gone nowhere. */
  readonly nowhere: number
  /** Deliveries on their way now, however old, that would be decided otherwise. */
  readonly inFlight: number
  /** What becomes of those whose recipient closes with the draft, by the policy of each: `whenInFlight`. */
  readonly moves: Moves
  readonly sample: readonly ChangedDelivery[]
  readonly text: readonly Bilingual[]
}

const MOST_DELIVERIES = 200_000
const MOST_SAMPLES = 100
/** Decided in one go: some tens of milliseconds, in which the process does nothing else. */
const PAGE = 250
const DAY_MS = 86_400_000
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/**
 * Decides the deliveries of the last days again, by what is in force and by a draft, on the day on which the draft takes
 * effect, and tells what differs.
 * @param days 1 to 31
 * @throws GatewayError `request-invalid` where the draft cannot be applied, `delivery-state-conflict` where it was
 */
export async function effectOf(dependencies: DraftDependencies, draft: Draft, days: number): Promise<Effect> {
  checkStep(draft, 'edit')
  const { pool } = dependencies
  const world = await worldOf(dependencies, pool)
  const judging = () => inSlices(handleOf(draft).judge(world), dependencies.signal)
  const judgement = await inTurn(judging, dependencies.signal)
  if (judgement.errors.length > 0) throw new GatewayError('request-invalid', { faults: judgement.errors })
  const [before, after] = settings(draft, world, judgement)
  const [decideBefore, decideAfter] = [deciderOf(before), deciderOf(after)]
  const since = new Date((await databaseNow(pool)).getTime() - days * DAY_MS)
  const moveOf = movesBetween(before, after)
  const tally = new Tally()
  for await (const page of pagesOf(pool, since)) {
    if (dependencies.signal?.aborted) throw goneAway()
    for (const delivery of page)
      tally.take(delivery, decideBefore(delivery), decideAfter(delivery), moveOf(delivery))
    if (tally.considered >= MOST_DELIVERIES) return tally.effect(before.day, since, days, true)
  }
  return tally.effect(before.day, since, days, false)
}

/** What is in flight from before, then everything since. */
async function* pagesOf(db: Queryable, since: Date): AsyncGenerator<RecentDelivery[]> {
  const border = firstIdAt(since)
  const ways: [string, (after: string) => Promise<RecentDelivery[]>][] = [
    [FIRST_ID, (after) => inFlightBefore(db, since, border, after, PAGE)],
    [border, (after) => recentDeliveries(db, since, after, PAGE)],
  ]
  for (const [first, read] of ways)
    for (let page = await read(first); page.length > 0; page = await read(page.at(-1)!.id)) yield page
}

/** What is in force on the day of the draft, and what would be with it. */
function settings(draft: Draft, { registry, now, usable }: World, { after }: Judgement): [Setting, Setting] {
  const { directory, tables } = registry
  const at = startOf(draft, now)
  const table = compiledOf(tableInForce(tables, at))
  const live: Setting = { directory, table, usable, day: vietnamDay(at) }
  if (draft.kind === 'routing')
    return [live, { ...live, table: compileTable({ revision: 0, rules: draft.content }) }]
  return [live, { ...live, directory: after }]
}

/** When a draft has its whole effect: at its time, or on the last day of its acts. */
function startOf(draft: Draft, now: Date): Date {
  if (draft.kind === 'routing')
    return draft.effectiveAt !== null && draft.effectiveAt > now ? draft.effectiveAt : now
  const today = vietnamDay(now)
  const last = lastDayOf(draft.content, today)
  return last > today ? new Date(`${last}T00:00:00+07:00`) : now
}

class Tally {
  considered = 0
  #elsewhere = 0
  #nowhere = 0
  #inFlight = 0
  readonly #moves = { redirect: 0, bounce: 0, keep: 0 }
  readonly #sample: ChangedDelivery[] = []

  take(
    delivery: RecentDelivery,
    before: readonly Destination[],
    after: readonly Destination[],
    move: Move | undefined,
  ): void {
    this.considered += 1
    if (move !== undefined) this.#moves[move.outcome] += 1
    const place = before.findIndex((one, index) => !isSameDestination(one, after[index]!))
    if (place < 0 && move === undefined) return
    const changed = {
      before: before[Math.max(place, 0)]!,
      after: after[Math.max(place, 0)]!,
      move: move ?? null,
    }
    if (place >= 0) this.#count(delivery, changed.after)
    const { id, document, sender, inFlight } = delivery
    if (this.#sample.length < MOST_SAMPLES)
      this.#sample.push({ delivery: id, document, sender, inFlight, ...changed })
  }

  #count(delivery: RecentDelivery, after: Destination): void {
    if (delivery.recent) this.#elsewhere += 1
    if (delivery.recent && 'reason' in after) this.#nowhere += 1
    if (delivery.inFlight) this.#inFlight += 1
  }

  effect(day: string, since: Date, days: number, isCut: boolean): Effect {
    const [elsewhere, nowhere, inFlight] = [this.#elsewhere, this.#nowhere, this.#inFlight]
    const { considered } = this
    const { redirect: redirected, bounce: bounced, keep: kept } = this.#moves
    const moves = { redirected, bounced, kept }
    const text: Bilingual[] = [
      {
        vi: `${elsewhere} lượt chuyển trong ${days} ngày qua lẽ ra đã đi nơi khác hoặc đường khác, trong đó ${nowhere} lượt không còn nơi đến.`,
        en: `${elsewhere} deliveries of the last ${days} days would have gone elsewhere, ${nowhere} of them nowhere.`,
      },
      {
        vi: `${inFlight} lượt đang trên đường bị ảnh hưởng.`,
        en: `${inFlight} in flight are affected.`,
      },
      ...(redirected + bounced + kept > 0 ? [movesText(moves)] : []),
    ]
    const cut: Bilingual = {
      vi: `Chỉ xét ${considered} lượt đầu tiên.`,
      en: `Only the first ${considered} were looked at.`,
    }
    return {
      day,
      since,
      considered,
      isCut,
      elsewhere,
      nowhere,
      inFlight,
      moves,
      sample: this.#sample,
      text: isCut ? [...text, cut] : text,
    }
  }
}
