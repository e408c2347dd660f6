import t from 'tap'
import { makeSteps } from '../../../src/db/make-steps.ts'
import { stepsOf } from '../../../src/db/migration-steps.ts'

class DatabaseError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** A connection that keeps what it is asked, and answers in turn: rows, or an error. */
function connection(answers: (readonly string[] | Error)[]) {
  const asked: string[] = []
  const query = async (text: string, values: unknown[] = []) => {
    if (/^(set|drop)/.test(text)) {
      asked.push(text)
      return { rowCount: null, rows: [] }
    }
    asked.push([text, ...values].join(' '))
    const answer = answers.shift() ?? []
    if (answer instanceof Error) throw answer
    return { rowCount: answer.length, rows: answer.map((id) => ({ id })) }
  }
  return { asked, db: { query } }
}

const ids = (...ends: string[]) => ends.map((end) => `00000000-0000-0000-0000-00000000000${end}`)
const stepsFrom = (text: string) => stepsOf(text)!
const untold = () => {}

t.test('batches in order go on behind the greatest key that was filled, also after a lock', async (t) => {
  const { asked, db } = connection([ids('2', '5', '3'), new DatabaseError('55P03'), ids('7'), []])
  const retries: string[] = []
  await makeSteps(db, stepsFrom('-- Step, until it changes nothing\nfill $1'), (error) =>
    retries.push(error.message),
  )
  t.strictSame(
    asked.filter((text) => text.startsWith('fill')),
    ids('0', '5', '5', '7').map((id) => `fill $1 ${id}`),
  )
  t.strictSame(retries, ['55P03'])
})

t.test(
  'an index that met a deadlock is dropped and built again, and no step before it is made',
  async (t) => {
    const { asked, db } = connection([[], new DatabaseError('40P01'), []])
    const text = '-- Step\nfirst\n-- Step\ncreate index concurrently x on y (z);'
    await makeSteps(db, stepsFrom(text), untold)
    t.strictSame(asked, [
      'set lock_timeout = 500',
      'first',
      'set lock_timeout = 0',
      'create index concurrently x on y (z);',
      'drop index concurrently if exists x',
      'create index concurrently x on y (z);',
    ])
  },
)

t.test('any other error ends it at once', async (t) => {
  const { asked, db } = connection([new DatabaseError('23514')])
  await t.rejects(makeSteps(db, stepsFrom('-- Step\nfirst\n-- Step\nsecond'), untold), { code: '23514' })
  t.notOk(asked.includes('second'))
})
