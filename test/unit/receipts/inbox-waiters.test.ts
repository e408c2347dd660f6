import t from 'tap'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { InboxWaiters } from '../../../src/receipts/inbox-waiters.ts'

const HERE = agencyCode('H90')
const LONG = 60_000
const never = new AbortController().signal

t.test('what comes before the wait begins is not missed', async (t) => {
  const waiters = new InboxWaiters()
  const arrival = waiters.expect(HERE)
  waiters.wake(HERE)
  await arrival.within(LONG, never)
  t.equal(waiters.waiting, 0)
})

t.test(
  'who waits is woken for its own inbox, for all, by the end, and where nobody is there any more',
  async (t) => {
    const ways: Record<string, (waiters: InboxWaiters, gone: AbortController) => void> = {
      'its own inbox': (waiters) => waiters.wake(HERE),
      'all inboxes': (waiters) => waiters.wake(),
      'the end of the process': (waiters) => waiters.close(),
      'a caller who has gone': (_waiters, gone) => gone.abort(),
    }
    for (const [name, wake] of Object.entries(ways)) {
      const waiters = new InboxWaiters()
      const gone = new AbortController()
      const arrival = waiters.expect(HERE)
      let woken = false
      const waiting = arrival.within(LONG, gone.signal).then(() => {
        woken = true
      })
      waiters.wake(agencyCode('H91'))
      await new Promise(setImmediate)
      t.notOk(woken, `not by another inbox: ${name}`)
      wake(waiters, gone)
      await waiting
      t.equal(waiters.waiting, 0, name)
    }
  },
)

t.test(
  'nobody waits who has gone already or has no time left, and what is cancelled is forgotten',
  async (t) => {
    const waiters = new InboxWaiters()
    const [late, left] = [waiters.expect(HERE), waiters.expect(HERE)]
    await late.within(0, never)
    await left.within(LONG, AbortSignal.abort())
    t.equal(waiters.waiting, 2, 'until they say so')
    late.cancel()
    left.cancel()
    t.equal(waiters.waiting, 0)
  },
)

t.test('a waiter looks again by itself, for a notification may be lost', async (t) => {
  const began = performance.now()
  await new InboxWaiters().expect(HERE).within(LONG, never)
  const took = performance.now() - began
  t.ok(took >= 990 && took < 4_000, `${took} ms`)
})
