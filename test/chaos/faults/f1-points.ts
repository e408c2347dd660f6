import { pick } from '../../../scripts/bench/routing/random.ts'
import type { Step } from '../../../src/step.ts'
import type { Member } from '../world.ts'
import type { Kill } from './recovery.ts'

/** Where a process may be killed from within, by what it does. */
export const KILL_POINTS: Record<Member['kind'], readonly Step[]> = {
  api: [
    'accept-staged',
    'accept-durable',
    'accept-written',
    'accept-committed',
    'receipt-written',
    'receipt-committed',
  ],
  worker: [
    'relay-taken',
    'relay-told',
    'claim-written',
    'claim-committed',
    'send-done',
    'settle-written',
    'settle-committed',
    'local-written',
    'local-committed',
    'reconcile-written',
    'feed-written',
  ],
}
const EVERY_POINT: readonly Step[] = Object.values(KILL_POINTS).flat()

/** A point kills at one of its first passes: of an API as many as there are in up to two seconds, of a worker so many. */
const PASSING_SECONDS = 2
const WORKER_PASSES = 4
/** Of some there are many in a second, and the first ones come with nothing to do; of others there is hardly one in a life. */
const OTHER_PASSES: Partial<Record<Step, number>> = {
  'local-written': 40,
  'local-committed': 20,
  'feed-written': 1,
}
/** One at which nobody died yet has its turn soon after the process is there. */
const FIRST_PASSES = 4
/**
 * Milliseconds that a process lives at most while it waits to die at a point: one that is seldom passed keeps few alive. What a
 * dead worker left is fed when its lease has run out, six seconds later.
 */
const PATIENCE_MS = 4_000
const LONGER_MS: Partial<Record<string, number>> = { 'feed-written': 15_000 }

/** @param point `step:n`, as it was drawn */
export const patienceOf = (point: string): number => LONGER_MS[point.split(':')[0]!] ?? PATIENCE_MS

/** The part of draws that go to these. */
const OF_THE_MISSED = 0.5
/** Kills of which one at least hits a point that none has hit: half of them are at points, and some of those come too late. */
const KILLS_FOR_A_POINT = 10

/** The points at which processes died so far, and how often each was drawn. */
export interface PointRecord {
  readonly hit: ReadonlySet<string>
  readonly drawn: Map<Step, number>
}

export const pointOf = ({ point }: Pick<Kill, 'point'>): string[] => point?.split(':').slice(0, 1) ?? []

/** `step:n`: at the nth pass. What none has hit is drawn more often, the least drawn first. @param rate documents a second */
export function drawPoint(
  kind: Member['kind'],
  random: () => number,
  rate: number,
  { hit, drawn }: PointRecord,
): string {
  const [whether, any, pass] = [random(), pick(random, KILL_POINTS[kind]), random()]
  const times = (step: Step) => drawn.get(step) ?? 0
  const [missed] = KILL_POINTS[kind].filter((step) => !hit.has(step)).sort((a, b) => times(a) - times(b))
  const step = missed !== undefined && whether < OF_THE_MISSED ? missed : any
  drawn.set(step, times(step) + 1)
  const usual = OTHER_PASSES[step] ?? (kind === 'api' ? PASSING_SECONDS * rate : WORKER_PASSES)
  const passes = hit.has(step) ? usual : Math.min(usual, OTHER_PASSES[step] ?? FIRST_PASSES)
  return `${step}:${1 + Math.floor(pass * passes)}`
}

/** At how many points processes must have died: at each of them in 200 kills. */
export const leastPoints = (kills: number): number =>
  Math.min(EVERY_POINT.length, Math.floor(kills / KILLS_FOR_A_POINT))

/** Those at which none did. */
export const missedPoints = (hit: ReadonlySet<string>): Step[] => EVERY_POINT.filter((step) => !hit.has(step))
