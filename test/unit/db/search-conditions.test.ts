import t from 'tap'
import { containing, narrowed } from '../../../src/db/search-conditions.ts'

t.test('what follows from filters is looked for, too', async (t) => {
  const subject = [containing('đất'), containing('cơ')]
  t.strictSame(narrowed({ subject }), {
    words: ['%đất%', '%cơ%', '%dat%'],
    subjectAsItIs: [['%đất%', '%cơ%']],
    subjectIndexed: '%dat%',
  })
  t.match(narrowed({ subject: ['%thanh%', '%cơ%', '%tra%'] }), {
    subjectAsItIs: [['%cơ%']],
    subjectFolded: [['%thanh%', '%tra%']],
    subjectIndexed: '%thanh%',
  })
  t.strictSame(narrowed({ number: '%12/qđ%' }).words, ['%12/qđ%', '%12/qd%'])
  t.strictSame(narrowed({ words: ['%dat%'] }).words, ['%dat%'], 'once')
  t.match(
    narrowed({ subject: ['%ក្រសួង%', '%thuế ภาษี%'] }),
    { subjectFolded: [['%ក្រសួង%']], subjectAsItIs: [['%thuế ภาษี%']], subjectIndexed: '%thue ภาษี%' },
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
