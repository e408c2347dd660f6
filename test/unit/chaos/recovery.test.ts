import t from 'tap'
import { firstAfter, within } from '../../chaos/faults/recovery.ts'

t.test('the first moment after a kill, in seconds', async (t) => {
  const moments = [1_000, 2_000, 2_000, 5_000]
  t.same(firstAfter(moments, 0), [1])
  t.same(firstAfter(moments, 1_000), [1], 'what came at the same moment came before')
  t.same(firstAfter(moments, 2_500), [2.5])
  t.same(firstAfter(moments, 5_000), [], 'nothing came any more')
  t.same(firstAfter([], 0), [])
})

t.test('a bar is missed by what lies above it in more than five of a hundred', async (t) => {
  const hundred = (slow: number) => Array.from({ length: 100 }, (_one, at) => (at < slow ? 20 : 1))
  t.ok(within('recovery', hundred(5), 15).met)
  t.notOk(within('recovery', hundred(6), 15).met)
  t.ok(within('recovery', [], 15).met, 'nothing was killed of that kind')
})
