import type { Reach } from '../../src/delivery/reach.ts'

const GONE = { kind: 'unreachable', code: '', detail: '', mayHaveLeft: false } as const

/**
 * Lets an exchange be away for so long that its rests are long: whoever asks next finds out for all.
 * @param now milliseconds of the monotonic clock, a minute ago or earlier
 */
export function awaySince(reach: Reach, now: number): void {
  for (let time = 0; time < 4; time++) reach.saw(GONE, now)
  for (const seconds of [2, 5, 10, 20]) reach.restsFor(now + seconds * 1_000)
}
