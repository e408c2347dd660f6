import { type Crowd, goodput } from './crowd.ts'

/** Seconds of a round in which what is compiled at first is compiled. */
const SECONDS = 10
/** Rounds at most, and from which gain on another is worth its time. */
const ROUNDS = 8
const STILL_WARMING = 1.05
/** Documents that each sender has ready in the first. */
const FIRST = 100

interface Lanes {
  readonly senders: number
  readonly inFlight: number
  readonly seed: number
}

/**
 * Runs until goodput no longer rises: against the peak of a process that is still cold anything would do.
 * @returns documents accepted in a second of the best round, and how many seconds all took
 */
export async function warmUp(crowd: Crowd, { senders, inFlight, seed }: Lanes) {
  let [rate, seconds] = [0, 0]
  for (let round = 1; ; round += 1) {
    const each = Math.max(FIRST, Math.ceil((rate * 2 * SECONDS) / senders) + 5)
    await crowd.prepare(Array.from({ length: senders }, () => each))
    const ran = await crowd.run({ inFlight }, SECONDS, seed)
    seconds += ran.seconds
    const risen = goodput(ran) / rate
    rate = Math.max(rate, goodput(ran))
    if (risen < STILL_WARMING || round === ROUNDS) return { rate, seconds }
  }
}
