import t from 'tap'
import { Arrivals } from '../../../src/admission/arrivals.ts'

t.test('where there are as many as can be, those are sent away who have their part of them', async (t) => {
  const arrivals = new Arrivals()
  const ends = Array.from({ length: 3 }, () => arrivals.begin('greedy', 1))
  t.notOk(arrivals.isCrowdedBy('greedy', { most: 4, share: 1 }), 'there is room')
  ends.push(arrivals.begin('small', 1))
  t.ok(arrivals.isCrowdedBy('greedy', { most: 4, share: 1 }))
  t.notOk(arrivals.isCrowdedBy('small', { most: 4, share: 1 }), 'it has less than its part')
  t.notOk(arrivals.isCrowdedBy('new', { most: 4, share: 1 }), 'it has nothing yet')
  for (const end of ends.splice(0, 2)) end()
  t.notOk(arrivals.isCrowdedBy('greedy', { most: 4, share: 1 }))
  t.equal(arrivals.underWay('greedy'), 1)
  for (const end of ends) end()
  t.equal(arrivals.underWay('greedy'), 0)
})

t.test('who has many under way does not raise what each of the others may have', async (t) => {
  const arrivals = new Arrivals()
  const most = 8
  for (let times = 0; times < most; times += 1) arrivals.begin('greedy', 1)
  const others = ['a', 'b', 'c']
  for (let turn = 0; turn < 100; turn += 1)
    for (const agency of others)
      if (!arrivals.isCrowdedBy(agency, { most, share: 1 })) arrivals.begin(agency, 1)
  for (const agency of others) t.equal(arrivals.underWay(agency), 2)
})

t.test('who has twice the share may have more', async (t) => {
  const arrivals = new Arrivals()
  const most = 12
  const shares = Object.entries({ a: 1, b: 1, large: 2 })
  for (let turn = 0; turn < 100; turn += 1)
    for (const [agency, share] of shares)
      if (!arrivals.isCrowdedBy(agency, { most, share })) arrivals.begin(agency, share)
  t.strictSame(
    shares.map(([agency]) => arrivals.underWay(agency)),
    [4, 4, 6],
  )
})

t.test('a share that is changed meanwhile counts from then on', async (t) => {
  const arrivals = new Arrivals()
  const ends = [arrivals.begin('a', 1), arrivals.begin('b', 1), arrivals.begin('b', 9)]
  t.notOk(arrivals.isCrowdedBy('b', { most: 3, share: 9 }), 'two of nine tenths')
  t.ok(arrivals.isCrowdedBy('a', { most: 3, share: 1 }), 'one of one tenth')
  for (const end of ends) end()
  arrivals.begin('a', 1)
  t.notOk(arrivals.isCrowdedBy('a', { most: 2, share: 1 }), 'nothing of them is left')
})
