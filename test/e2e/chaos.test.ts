import { randomInt } from 'node:crypto'
import t from 'tap'
import { f1Kills } from '../chaos/faults/f1-kills.ts'
import { isSound } from '../chaos/oracle-report.ts'
import { outcomeLines } from '../chaos/print-outcome.ts'
import { runFault } from '../chaos/run-fault.ts'

const SHORT = { kills: 10, rate: 8, scale: 1 }
const QUEUE = 'postgres'

/**
 * Everything is a real process; API, workers and PostgreSQL are killed at least once each, while documents flow. Over Redis
 * the checks of every change kill two hundred times (`.ci/run`).
 */
t.test(
  'kill -9 of everything while documents flow, the queue in PostgreSQL',
  { timeout: 480_000 },
  async (t) => {
    const seed = randomInt(2 ** 31)
    const tell = (line: string) => t.comment(line)
    t.comment(
      `seed ${seed}: npm run chaos -- --faults F1 --seed ${seed} --queue ${QUEUE} --kills ${SHORT.kills} --rate ${SHORT.rate}`,
    )
    const outcome = await runFault(t, f1Kills, { ...SHORT, seed, queue: QUEUE, tell })
    for (const line of outcomeLines(outcome)) t.comment(line)
    t.ok(isSound(outcome.oracle), `seed ${seed}: nothing lost, nothing twice, nothing changed, all on record`)
    t.equal(outcome.oracle.counts.waiting, 0, 'everything arrived')
    t.equal(outcome.oracle.counts.failed, 0, 'nothing was given up')
    t.ok(outcome.oracle.counts.delivered > 0, 'documents did flow')
    const kills = outcome.measures.find(({ name }) => name === 'kills')
    t.ok(kills?.met, `seed ${seed}: everybody died at least once`)
    const refused = outcome.measures.find(({ name }) => name === 'documents refused')
    t.ok(refused?.met, `seed ${seed}: nothing was refused that was sent again`)
  },
)
