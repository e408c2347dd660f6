import t from 'tap'
import {
  firstAfter,
  type Kill,
  measureTakeOvers,
  type TakeOver,
  takeOver,
  within,
} from '../../chaos/faults/recovery.ts'

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

const kill = (victim: string, kind: Kill['kind'], at: number, backAt?: number): Kill => ({
  victim,
  kind,
  pid: at,
  at,
  point: null,
  ...(backAt !== undefined && { backAt }),
})

t.test('who was away between a kill and the take-over', async (t) => {
  const dead = kill('worker 1', 'worker', 10_000, 12_000)
  const away = (other: Kill) => takeOver([other, dead], dead, 17_000).meanwhile.length === 1
  t.ok(away(kill('redis', 'redis', 16_000, 16_500)), 'it died meanwhile')
  t.ok(away(kill('postgres', 'postgres', 9_000, 10_500)), 'it was not back yet')
  t.ok(away(kill('worker 2', 'worker', 9_000)), 'it never came back')
  t.notOk(away(kill('redis', 'redis', 8_000, 9_000)), 'it was back before')
  t.notOk(away(kill('redis', 'redis', 18_000, 19_000)), 'it died after')
  t.notOk(away(kill('api 1', 'api', 12_000, 13_000)), 'no API takes over')
  t.equal(takeOver([dead], dead, 17_000).seconds, 7)
})

t.test('one take-over that is too slow misses the bar, but where a server died, too', async (t) => {
  const dead = kill('worker 1', 'worker', 0)
  const after = (seconds: number, ...meanwhile: Kill[]): TakeOver => ({
    kill: dead,
    seconds,
    meanwhile,
    unattended: false,
  })
  const met = (...found: TakeOver[]) => measureTakeOvers(found).every((one) => one.met)
  t.ok(met(after(6), after(10)))
  t.notOk(met(...Array.from({ length: 99 }, () => after(6)), after(10.1)))
  t.notOk(met(after(10.1, kill('worker 2', 'worker', 1))), 'another worker is no server')
  t.ok(met(after(12, kill('redis', 'redis', 1))))
  t.ok(met({ ...after(12), unattended: true }))
  t.ok(met())
})

t.test('a take-over is unattended where all workers were away at once', async (t) => {
  const dead = kill('worker 1', 'worker', 10_000, 15_500)
  const unattended = (from: number, to: number) =>
    takeOver([kill('worker 2', 'worker', from, to), dead], dead, 17_000).unattended
  t.ok(unattended(13_000, 16_000), 'as the lease ran out')
  t.ok(unattended(15_000, 16_000), 'the other died before one was back')
  t.notOk(unattended(9_000, 12_000), 'one was back before the lease ran out')
  t.notOk(unattended(15_800, 16_800), 'one was back when the other died')
  t.notOk(unattended(20_000, 21_000), 'it was taken over by then')
})
