import t from 'tap'
import { Promises } from '../../../src/admission/promises.ts'
import { type TakeTokens, TokenLeases } from '../../../src/admission/token-leases.ts'

/** The bucket of one agency as the database keeps it, on a clock that stands still unless it is moved. */
function bucket(perMinute: number) {
  const clock = { ms: 0 }
  let [tokens, at, asked] = [perMinute, 0, 0]
  const take: TakeTokens = async (_agency, most, wanted) => {
    asked += 1
    tokens = Math.min(most, tokens + ((clock.ms - at) * most) / 60_000)
    at = clock.ms
    const granted = Math.min(wanted, Math.floor(tokens))
    tokens -= granted
    return { granted, tokens }
  }
  return { clock, take, now: () => clock.ms, asked: () => asked }
}

async function usedUp(leases: TokenLeases, perMinute: number, most = 10_000): Promise<number> {
  let used = 0
  while (used < most && (await leases.use('H90', perMinute)).allowed) used += 1
  return used
}

t.test('processes share one limit, and ask for it seldom', async (t) => {
  const { take, now, asked } = bucket(600)
  const [one, other] = [new TokenLeases(take, now), new TokenLeases(take, now)]
  t.equal(await usedUp(one, 600, 300), 300)
  t.equal(await usedUp(other, 600), 300)
  t.equal(await usedUp(one, 600), 0)
  t.ok(asked() <= 102, `${asked()} questions for 600 requests`)
})

t.test('after the time that is told it works, also for others who were told', async (t) => {
  const { clock, take, now, asked } = bucket(60)
  const leases = new TokenLeases(take, now)
  t.equal(await usedUp(leases, 60), 60)
  const before = asked()
  const told = []
  for (let times = 0; times < 5; times += 1) told.push((await leases.use('H90', 60)).seconds)
  t.strictSame(told, [2, 3, 4, 5, 6], 'whoever found it empty was told 1')
  t.equal(asked(), before, 'refusals ask nobody')
  for (const seconds of told) {
    clock.ms = seconds * 1_000
    t.equal((await leases.use('H90', 60)).allowed, true, `after ${seconds} s`)
  }
})

t.test('what is left is told, and a lease ends', async (t) => {
  const { clock, take, now } = bucket(6_000)
  const leases = new TokenLeases(take, now)
  t.strictSame(await leases.use('H90', 6_000), { allowed: true, remaining: 5_999, seconds: 1 })
  clock.ms = 120_000
  t.strictSame(await leases.use('H90', 6_000), { allowed: true, remaining: 5_999, seconds: 1 })
})

t.test('where the database is away nothing is refused here', async (t) => {
  const leases = new TokenLeases(async () => {
    throw new Error('away')
  })
  t.equal((await leases.use('H90', 60)).allowed, true)
})

t.test('those who are sent away come again one after the other, at the pace of the work', async (t) => {
  let ms = 0
  const promises = new Promises(() => ms)
  for (let times = 0; times < 500; times += 1) {
    ms += 100
    promises.done()
  }
  const told = Array.from({ length: 50 }, () => promises.next())
  t.equal(told[0], 1)
  t.ok(told[49]! >= 5 && told[49]! <= 6, `the fiftieth after ${told[49]} s`)
  for (let times = 0; times < 1_000; times += 1) promises.next()
  t.equal(promises.next(), 30, 'nobody is sent away for longer')
})
