import t from 'tap'
import { Promises } from '../../../src/admission/promises.ts'
import { type TakeTokens, TokenLeases } from '../../../src/admission/token-leases.ts'
import { waitFor } from '../../support/wait-for.ts'

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

const atOnce = (leases: TokenLeases, perMinute: number, requests: number) =>
  Promise.all(Array.from({ length: requests }, () => leases.use('H90', perMinute)))

t.test('many at once are refused only where the bucket says that it is empty', async (t) => {
  const { take, now, asked } = bucket(100)
  const leases = new TokenLeases(take, now)
  const answers = await atOnce(leases, 100, 20)
  t.ok(
    answers.every(({ allowed }) => allowed),
    'a fresh process asks for all who wait',
  )
  t.ok(asked() <= 2, `${asked()} questions`)
  t.equal(await usedUp(leases, 100), 80, 'and for no more than they use')
})

t.test(
  'of more at once than there is, each who is refused is told the time of a token of his own',
  async (t) => {
    const { clock, take, now } = bucket(100)
    const leases = new TokenLeases(take, now)
    const answers = await atOnce(leases, 100, 120)
    const refused = answers.filter(({ allowed }) => !allowed)
    t.equal(refused.length, 20)
    t.ok(refused.every(({ remaining }) => remaining === 0))
    t.strictSame(
      refused.map(({ seconds }) => seconds),
      refused.map((_, at) => Math.ceil((at + 1) * 0.6)),
      'a token every 0.6 s',
    )
    for (const { seconds } of refused) {
      clock.ms = seconds * 1_000
      t.equal((await leases.use('H90', 100)).allowed, true, `after ${seconds} s`)
    }
  },
)

t.test('at the usual limit, many at once pass where a lease ends', async (t) => {
  const { clock, take, now, asked } = bucket(6_000)
  const leases = new TokenLeases(take, now)
  await leases.use('H90', 6_000)
  clock.ms = 60_000
  const before = asked()
  const answers = await atOnce(leases, 6_000, 500)
  t.equal(answers.filter(({ allowed }) => allowed).length, 500)
  t.ok(asked() - before <= 2, `${asked() - before} questions`)
})

t.test('whoever comes while it is asked waits for one more answer at most', async (t) => {
  const asked: { wanted: number; grant: (granted: number) => void }[] = []
  const leases = new TokenLeases(
    (_agency, _most, wanted) =>
      new Promise((resolve) => asked.push({ wanted, grant: (granted) => resolve({ granted, tokens: 0 }) })),
    () => 0,
  )
  const first = leases.use('H90', 60)
  const late = atOnce(leases, 60, 5)
  t.strictSame(
    asked.map(({ wanted }) => wanted),
    [1],
    'one question at a time',
  )
  asked[0]!.grant(1)
  t.match(await first, { allowed: true })
  await waitFor(() => asked.length === 2)
  t.equal(asked[1]!.wanted, 5)
  asked[1]!.grant(3)
  t.strictSame(
    (await late).map(({ allowed }) => allowed),
    [true, true, true, false, false],
    'who came first',
  )
  t.equal(asked.length, 2)
})

t.test('where the database is away nothing is refused here', async (t) => {
  const leases = new TokenLeases(async () => {
    throw new Error('away')
  })
  t.equal((await leases.use('H90', 60)).allowed, true)
  const answers = await atOnce(leases, 60, 50)
  t.ok(
    answers.every(({ allowed }) => allowed),
    'however many come at once',
  )
})

t.test('those who are sent away come again one after the other, at the pace of the work', async (t) => {
  let ms = 0
  const promises = new Promises(() => ms)
  for (let times = 0; times < 500; times += 1) {
    ms += 100
    promises.done()
  }
  t.equal(Math.round(promises.doneIn(1_000)), 10)
  const told = Array.from({ length: 50 }, () => promises.next())
  t.equal(told[0], 1)
  t.ok(told[49]! >= 5 && told[49]! <= 6, `the fiftieth after ${told[49]} s`)
  for (let times = 0; times < 1_000; times += 1) promises.next()
  t.equal(promises.next(), 30, 'nobody is sent away for longer')
})
