import t from 'tap'
import { Arrivals } from '../../../src/admission/arrivals.ts'

t.test('where there are as many as can be, those are sent away who have their part of them', async (t) => {
  const arrivals = new Arrivals(4)
  const ends = Array.from({ length: 3 }, () => arrivals.begin('greedy'))
  t.notOk(arrivals.isCrowdedBy('greedy'), 'there is room')
  ends.push(arrivals.begin('small'))
  t.ok(arrivals.isCrowdedBy('greedy'))
  t.notOk(arrivals.isCrowdedBy('small'), 'it has less than its part')
  t.notOk(arrivals.isCrowdedBy('new'), 'it has nothing yet')
  for (const end of ends.splice(0, 2)) end()
  t.notOk(arrivals.isCrowdedBy('greedy'))
  t.equal(arrivals.underWay('greedy'), 1)
  for (const end of ends) end()
  t.equal(arrivals.underWay('greedy'), 0)
})
