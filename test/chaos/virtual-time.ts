import fc from 'fast-check'
import { ALL_ENDS, playLives } from '../simulation/lives.ts'
import type { Measure } from './fault.ts'

const LIVES = 10_000

/** The state machine of deliveries as a pure function, in virtual time: what the other faults meet now and then, in every order. */
export const VIRTUAL_TIME = {
  id: 'F9',
  title: 'The state machine of deliveries, with everything that can go wrong, in virtual time',
} as const

/** Plays ten thousand lives; fewer where scaled down. */
export function runVirtualTime({
  seed,
  scale,
}: {
  readonly seed: number
  readonly scale: number
}): Measure[] {
  const { details, seen, seconds } = playLives(Math.ceil(LIVES / scale), { seed })
  const missing = ALL_ENDS.filter((end) => !seen.has(end))
  const ends = [...seen].map(([end, count]) => `${end} ${count}`)
  return [
    {
      name: 'lives of deliveries, drawn from the seed',
      seen: `${details.numRuns} in ${seconds.toFixed(0)} s of processor time`,
      bar: null,
      met: true,
    },
    {
      name: 'invariants broken',
      seen: details.failed ? String(fc.defaultReportMessage(details)).replaceAll(/\s+/g, ' ') : '0',
      bar: '0',
      met: !details.failed,
    },
    {
      name: 'where they ended',
      seen: missing.length === 0 ? ends.join(', ') : `nobody at ${missing.join(', ')}`,
      bar: `each of ${ALL_ENDS.length} ends`,
      met: missing.length === 0,
    },
  ]
}
