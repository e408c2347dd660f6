import t from 'tap'
import { Arrivals } from '../../../src/admission/arrivals.ts'

t.test('where there are as many as can be, those are sent away who have their part of them', async (t) => {
  const arrivals = new Arrivals()
  const ends = Array.from({ length: 3 }, () => arrivals.begin('greedy'))
  t.notOk(arrivals.isCrowdedBy('greedy', 4), 'there is room')
  ends.push(arrivals.begin('small'))
  t.ok(arrivals.isCrowdedBy('greedy', 4))
  t.notOk(arrivals.isCrowdedBy('small', 4), 'it has less than its part')
  t.notOk(arrivals.isCrowdedBy('new', 4), 'it has nothing yet')
  for (const end of ends.splice(0, 2)) end()
  t.notOk(arrivals.isCrowdedBy('greedy', 4))
  t.equal(arrivals.underWay('greedy'), 1)
  for (const end of ends) end()
  t.equal(arrivals.underWay('greedy'), 0)
})

t.test('who has many under way does not raise what each of the others may have', async (t) => {
  const arrivals = new Arrivals()
  const most = 8
  for (let times = 0; times < most; times += 1) arrivals.begin('greedy')
  const others = ['a', 'b', 'c']
  for (let turn = 0; turn < 100; turn += 1)
    for (const agency of others) if (!arrivals.isCrowdedBy(agency, most)) arrivals.begin(agency)
  for (const agency of others) t.equal(arrivals.underWay(agency), 2)
})
