import fc from 'fast-check'
import t from 'tap'
import { type DeliveryKey, newDeliveryKey } from '../../../src/domain/identifiers.ts'
import type { Urgency } from '../../../src/domain/urgency.ts'
import { RecipientLines } from '../../../src/worker/recipient-lines.ts'

const addressee = (recipient: string, urgency: Urgency = 0) => ({
  line: recipient,
  urgency,
})

/** Work that ends when the test says so. */
function held() {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { work: () => ended, end }
}

t.test('what is beyond the limit stands in line, and goes by urgency when a place is free', async (t) => {
  const lines = new RecipientLines(2)
  const first = held()
  const second = held()
  const entered = [first, second].map(({ work }) => lines.enter(newDeliveryKey(), addressee('H90'), work))
  const waiting = ([0, 0, 4, 2] as const).map((urgency) => ({ key: newDeliveryKey(), urgency }))
  const refuse = async () => void t.fail('it has no place')
  for (const { key, urgency } of waiting) {
    t.equal(await lines.enter(key, addressee('H90', urgency), refuse), false)
  }
  t.equal(await lines.enter(waiting[0]!.key, addressee('H90'), refuse), false, 'told again')
  t.same(lines.next(), [], 'no place is free')
  let served = false
  await lines.enter(newDeliveryKey(), addressee('H91'), async () => {
    served = true
  })
  t.ok(served, 'another recipient has its own places')
  first.end()
  t.equal(await entered[0], true)
  t.same(lines.next(), [waiting[2]!.key], 'one place, the most urgent')
  second.end()
  await entered[1]
  t.same(lines.next(), [waiting[3]!.key, waiting[0]!.key])
  t.same(lines.clear(), [waiting[1]!.key], 'each once')
  t.same(lines.clear(), [])
})

t.test('who gives way stands in line again, by his urgency', async (t) => {
  const lines = new RecipientLines(1)
  const { work, end } = held()
  const entered = lines.enter(newDeliveryKey(), addressee('H90'), work)
  const [slow, quick, other] = [newDeliveryKey(), newDeliveryKey(), newDeliveryKey()]
  for (const [key, urgency] of [
    [slow, 0],
    [quick, 3],
  ] as const)
    await lines.enter(key, addressee('H90', urgency), async () => undefined)
  end()
  await entered
  t.same(lines.next(), [quick])
  lines.giveWay(quick, addressee('H90', 3))
  t.equal(await lines.enter(other, addressee('H90', 4), async () => undefined), true)
  t.same(lines.next(), [quick])
  t.same(lines.next(), [slow])
})

t.test('work that throws gives its place back; who enters stands in line no more', async (t) => {
  const lines = new RecipientLines(1)
  const { work, end } = held()
  const entered = lines.enter(newDeliveryKey(), addressee('H90'), work)
  const key = newDeliveryKey()
  await lines.enter(key, addressee('H90'), async () => undefined)
  end()
  await entered
  await t.rejects(lines.enter(key, addressee('H90'), () => Promise.reject(new Error('hỏng'))))
  t.same(lines.next(), [])
  t.equal(await lines.enter(key, addressee('H90'), async () => undefined), true)
})

t.test('nobody is lost, nobody goes twice, and never more than the limit at once', async () => {
  const recipients = fc.array(fc.constantFrom('H90', 'H91', 'G90'), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(recipients, fc.integer({ min: 1, max: 4 }), async (codes, limit) => {
      const lines = new RecipientLines(limit)
      const codeOf = new Map<DeliveryKey, string>(codes.map((code) => [newDeliveryKey(), code]))
      const done: DeliveryKey[] = []
      const underWay = new Map<string, number>()
      let most = 0
      const enter = (key: DeliveryKey) => {
        const code = codeOf.get(key)!
        return lines.enter(key, addressee(code), async () => {
          underWay.set(code, (underWay.get(code) ?? 0) + 1)
          most = Math.max(most, underWay.get(code)!)
          await new Promise((resolve) => setImmediate(resolve))
          underWay.set(code, underWay.get(code)! - 1)
          done.push(key)
        })
      }
      let round = [...codeOf.keys()]
      while (round.length > 0) {
        await Promise.all(round.map(enter))
        round = lines.next()
      }
      return done.length === codes.length && new Set(done).size === done.length && most <= limit
    }),
    { numRuns: 50 },
  )
})
