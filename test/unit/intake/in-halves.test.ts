import fc from 'fast-check'
import t from 'tap'
import { inHalves } from '../../../src/intake/in-halves.ts'

class HeldUp extends Error {}
const isHeldUp = (error: unknown) => error instanceof HeldUp
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Stores numbers, none of a part in which one is held up; tells the parts that were tried, and what lies stored. */
function storeWith(held: ReadonlySet<number>, poison: ReadonlySet<number> = new Set()) {
  const tried: (readonly number[])[] = []
  const stored: number[] = []
  const attempt = async (part: readonly number[]) => {
    tried.push(part)
    if (part.some((one) => poison.has(one))) throw new Error('poison')
    if (part.some((one) => held.has(one))) throw new HeldUp()
    stored.push(...part)
    return part.map(() => true)
  }
  return { tried, stored, attempt }
}

t.test('what nothing holds up is done at once', async (t) => {
  const { tried, attempt } = storeWith(new Set())
  t.same(await inHalves(numbers(32), { attempt, isHeldUp, mostSplits: 6 }), Array(32).fill(true))
  t.equal(tried.length, 1)
})

t.test('one of 32 that is held up is left, wherever it stands, and no other', async (t) => {
  for (const held of [0, 13, 16, 31]) {
    const { tried, attempt } = storeWith(new Set([held]))
    const done = await inHalves(numbers(32), { attempt, isHeldUp, mostSplits: 6 })
    t.same(
      done,
      numbers(32).map((one) => one !== held),
    )
    t.equal(tried.filter((part) => part.includes(held)).length, 6, 'attempts that wait')
  }
})

t.test('whatever is held up, each is told truly, and attempts have an end', async (t) => {
  const given = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    held: fc.array(fc.nat(39)),
    mostSplits: fc.nat(8),
  })
  await fc.assert(
    fc.asyncProperty(given, async ({ count, held, mostSplits }) => {
      const { tried, stored, attempt } = storeWith(new Set(held))
      const done = await inHalves(numbers(count), { attempt, isHeldUp, mostSplits })
      t.same(
        stored,
        numbers(count).filter((one) => done[one]),
        { diagnostic: false },
      )
      return done.length === count && tried.length <= 1 + 2 * mostSplits
    }),
  )
})

t.test('of what fails otherwise, nothing is done at first, and nobody else fails of it later', async (t) => {
  const first = storeWith(new Set(), new Set([3]))
  await t.rejects(inHalves(numbers(8), { ...first, isHeldUp, mostSplits: 6 }), { message: 'poison' })
  t.same(first.stored, [])
  const later = storeWith(new Set([0]))
  let attempts = 0
  const attempt = async (part: readonly number[]) => {
    attempts += 1
    if (attempts > 1 && part.includes(7)) throw new Error('poison')
    return later.attempt(part)
  }
  const done = await inHalves(numbers(8), { attempt, isHeldUp, mostSplits: 6 })
  t.same(done, [false, true, true, true, false, false, false, false])
})
