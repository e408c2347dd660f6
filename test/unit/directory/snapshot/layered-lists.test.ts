import { test } from 'tap'
import { LayeredLists } from '../../../../src/directory/snapshot/layered-lists.ts'

const lists = () => LayeredLists.of(new Map([['a', [1, 2]]]))

test('a fork may be written, and what it was forked from stays', async (t) => {
  const first = lists()
  const second = first.fork()
  second.add('a', 3)
  second.add('b', 4)
  second.remove('a', 1)
  t.same(second.get('a'), [2, 3])
  t.same(first.get('a'), [1, 2])
  t.same([...first.keys()], ['a'])
  t.equal(second.size, 2)
})

test('what is written to the first after the fork is not seen in the fork', async (t) => {
  const first = lists()
  first.add('a', 3)
  const second = first.fork()
  first.add('a', 4)
  t.same(second.get('a'), [1, 2, 3])
})

test('a list that has become empty is gone', async (t) => {
  const gone = lists().fork()
  gone.remove('a', 1)
  gone.remove('a', 2)
  gone.remove('a', 2)
  t.same([...gone.keys()], [])
  t.equal(gone.size, 0)
  gone.add('a', 9)
  t.equal(gone.size, 1)
})

test('a layer that has grown long is laid down, and nothing looks different', async (t) => {
  const many = lists()
  for (let number = 0; number < 20_000; number += 1) many.add(`k${number}`, number)
  many.remove('a', 1)
  many.remove('a', 2)
  const fork = many.fork()
  for (let number = 0; number < 100; number += 1) fork.add(`new${number}`, number)
  for (let number = 0; number < 100; number += 1) fork.remove(`new${number}`, number)
  t.equal(fork.size, 20_000)
  t.same(fork.get('k19999'), [19_999])
  t.same(fork.get('a'), [])
  t.equal([...fork.keys()].length, 20_000)
  fork.add('k0', 1)
  t.same(many.get('k0'), [0])
})
