import { type Test, test } from 'tap'
import { compareOn, Difference } from './compare.ts'
import { History } from './history.ts'
import { DAYS, SPELLINGS } from './random-acts.ts'

const EVERY_DAY = [
  '2019-06-01',
  ...DAYS.flatMap((day) => [day, day.replace(/-01$/, '-15')]),
  '2025-06-30',
  '2031-01-01',
]

/** Holds random histories against their replay; a difference tells the seed, the day and everything that was written. */
function holds(t: Test, first: number, count: number): void {
  let revisions = 0
  let compared = 0
  for (let seed = first; seed < first + count; seed += 1) {
    const { written } = new History(seed)
    revisions += written.length
    const { directory, log } = written.at(-1)!
    try {
      for (const day of EVERY_DAY) compared += compareOn(directory, log, day, SPELLINGS)
    } catch (error) {
      if (!(error instanceof Difference)) throw error
      const lines = written.map(({ acts, warnings }) =>
        JSON.stringify([...acts, ...warnings.map(({ code, found }) => `${code} ${found}`)]),
      )
      t.fail(`seed ${seed}: ${error.message}\n${lines.join('\n')}`)
    }
  }
  t.ok(revisions > 5 * count, `${revisions} revisions were let through, ${compared} answers compared`)
}

/**
 * Others by `REPLAY_SEED` and `REPLAY_COUNT`. Of a thousand random histories about one differs by an act that says just
 * what would follow anyway: the directory takes it for a consequence (ADR 20).
 */
const FIRST = Number(process.env.REPLAY_SEED ?? 1)
const COUNT = Number(process.env.REPLAY_COUNT ?? 120)

test(`a directory says what a replay of its acts says, in whatever order they were recorded, seeds from ${FIRST}`, async (t) => {
  holds(t, FIRST, COUNT)
})
