import t from 'tap'
import { containing, narrowed } from '../../../src/db/search-conditions.ts'

t.test('what follows from filters is looked for, too', async (t) => {
  const subject = [containing('đất'), containing('cơ')]
  t.strictSame(narrowed({ subject }), {
    subject: ['%đất%', '%cơ%', '%dat%'],
    words: ['%đất%', '%cơ%', '%dat%'],
  })
  t.strictSame(narrowed({ number: '%12/qđ%' }).words, ['%12/qđ%', '%12/qd%'])
  t.strictSame(narrowed({ words: ['%dat%'] }).words, ['%dat%'], 'once')
  t.strictSame(
    narrowed({ subject: ['%ក្រសួង%', '%thuế ภาษี%'] }).subject,
    ['%ក្រសួង%', '%thuế ภาษี%', '%thue ภาษี%'],
    'of a subject SQL takes off the diacritics of Latin letters alone',
  )
  t.strictSame(narrowed({ recipient: 'H91' }), { recipient: 'H91' })
})

t.test('a state of which each set has a rare one is looked for by that', async (t) => {
  t.equal(narrowed({ stateSets: 'failed|failed,withdrawn' }).someState, '{failed}')
  t.equal(
    narrowed({ stateSets: 'acknowledged,failed|acknowledged,withdrawn' }).someState,
    '{failed,withdrawn}',
  )
  t.equal(narrowed({ stateSets: 'acknowledged|acknowledged,handed-over' }).someState, undefined)
  t.equal(narrowed({ stateSets: '|waiting' }).someState, undefined, 'documents without deliveries')
})
