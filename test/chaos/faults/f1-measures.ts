import type { Measure } from '../fault.ts'
import type { World } from '../world.ts'
import { leastPoints, missedPoints, pointOf } from './f1-points.ts'
import type { Kill } from './recovery.ts'

/** Who died, and where: everybody, and at every point where there were kills enough. @param wanted kills */
export function tellKills(
  { members, queue }: Pick<World, 'queue'> & { readonly members: readonly unknown[] },
  kills: readonly Kill[],
  wanted: number,
  seconds: number,
): Measure[] {
  const kinds = ['api', 'worker', 'postgres', ...(queue === 'redis' ? (['redis'] as const) : [])] as const
  const counted = kinds.map((kind) => `${kills.filter((kill) => kill.kind === kind).length} ${kind}`)
  const everybody = members.length + kinds.length - 2
  const victims = new Set(kills.map(({ victim }) => victim)).size
  const hit = new Set(kills.flatMap(pointOf))
  const [least, missed] = [leastPoints(wanted), missedPoints(hit)]
  const none = missed.length === 0 ? '' : `; none at ${missed.join(', ')}`
  return [
    {
      name: 'kills',
      seen: `${kills.length} in ${seconds.toFixed(0)} s: ${counted.join(', ')}`,
      bar: `≥ ${wanted}, each of ${everybody} at least once`,
      met: kills.length >= wanted && victims === everybody,
    },
    {
      name: 'steps in the midst of which a process died',
      seen: `${hit.size}: ${[...hit].sort().join(', ')}${none}`,
      bar: missed.length + hit.size === least ? `all ${least}` : `≥ ${least} of ${missed.length + hit.size}`,
      met: hit.size >= least,
    },
  ]
}

/** What became of documents while processes died. */
export interface Flow {
  /** Documents due each second. */
  readonly rate: number
  readonly seconds: number
  readonly accepted: number
  /** Due, and in their senders' own queues as the last process had died. */
  readonly queued: number
}

/** @param sent new documents until then @param inTheEnd new documents in the end */
export function tellFlow(
  { rate, seconds, accepted, queued }: Flow,
  sent: number,
  inTheEnd: number,
): Measure[] {
  return [
    {
      name: 'documents that became due while processes died, at the rate of the trial; all were sent, then or later',
      seen: `${(inTheEnd / seconds).toFixed(1)}/s: ${inTheEnd}, ${sent} of them then`,
      bar: null,
      met: true,
    },
    {
      name: 'documents accepted while processes died',
      seen: `${(accepted / seconds).toFixed(1)}/s of ${rate}/s; ${queued} waited in their senders' queues`,
      bar: null,
      met: true,
    },
  ]
}

/** Such as `database-unavailable 12, other side closed 3`. */
export function tellRepeats({ journal }: Pick<World, 'journal'>): Measure {
  const counts = new Map<string, number>()
  for (const line of journal.lines) {
    if (line.is !== 'unanswered') continue
    const error = line.error.replace(/ \d+(\.\d+){3}:\d+$/, '')
    counts.set(error, (counts.get(error) ?? 0) + 1)
  }
  const most = [...counts].sort(([, a], [, b]) => b - a)
  return {
    name: 'requests that were made again, by what they were told',
    seen: most.map(([error, count]) => `${error} ${count}`).join(', ') || 'none',
    bar: null,
    met: true,
  }
}
