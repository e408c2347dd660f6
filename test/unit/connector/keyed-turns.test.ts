import t from 'tap'
import { keyedTurns } from '../../../src/connector/keyed-turns.ts'

t.test(
  'works of one name follow each other, others do not wait, and a failed one holds nobody up',
  async (t) => {
    const inTurn = keyedTurns()
    const log: string[] = []
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = inTurn('a', async () => {
      log.push('a1 begins')
      await held
      log.push('a1 ends')
      throw new Error('a1')
    })
    const second = inTurn('a', async () => void log.push('a2'))
    await inTurn('b', async () => void log.push('b'))
    t.same(log, ['a1 begins', 'b'])
    release()
    await t.rejects(first, { message: 'a1' })
    await second
    t.same(log, ['a1 begins', 'b', 'a1 ends', 'a2'])
    t.equal(await inTurn('a', async () => 3), 3)
  },
)
