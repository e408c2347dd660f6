import fc from 'fast-check'
import t from 'tap'
import type { SendResult } from '../../../src/delivery/channels/channel.ts'
import { RETRY_SCHEDULE, retryDelay } from '../../../src/delivery/retry-policy.ts'
import { interrupted, judge } from '../../../src/delivery/verdict.ts'
import { canMove } from '../../../src/domain/delivery-state.ts'
import { addressPolicy } from '../../../src/network/address-policy.ts'

const failure = { code: 'http-status', explanation: { vi: 'lỗi', en: 'failed' } }
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempts = fc.integer({ min: 1, max: 30 })

t.test('waits follow the schedule, are stretched by a fifth at most, and end', async (t) => {
  fc.assert(
    fc.property(
      attempts,
      random,
      fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
      (n, r, asked) => {
        const delay = retryDelay(n, r, asked)
        const base = RETRY_SCHEDULE[n - 1]
        if (base === undefined) return delay === null
        if (delay === null || delay < base) return false
        return asked === undefined || asked <= base
          ? delay < base * 1.2 + 1e-9
          : delay <= Math.max(base * 1.2, Math.min(asked, 86_400)) && delay >= Math.min(asked, 86_400)
      },
    ),
  )
  const hours = RETRY_SCHEDULE.reduce((sum, seconds) => sum + seconds, 0) / 3600
  t.ok(hours > 72, 'reaches over a weekend and one day more')
  t.equal(retryDelay(RETRY_SCHEDULE.length + 1, 0), null)
})

t.test('a verdict only ever moves a delivery as its states allow, and says why', async (t) => {
  const result: fc.Arbitrary<SendResult> = fc.oneof(
    fc.constant<SendResult>({ outcome: 'available' }),
    fc.record({
      outcome: fc.constant('retry' as const),
      failure: fc.constant(failure),
      retryAfter: fc.nat(),
    }),
    fc.constant<SendResult>({ outcome: 'refused', failure }),
    fc.constant<SendResult>({ outcome: 'handed-on', remoteId: '7' }),
    fc.constant<SendResult>({ outcome: 'retry', failure, blocked: true }),
  )
  fc.assert(
    fc.property(attempts, result, random, (n, sent, r) => {
      const { settlement } = judge(n, sent, { random: r })
      const waits = settlement.state === 'waiting'
      const explained = ['available', 'handed-over'].includes(settlement.state) || settlement.reason !== null
      return canMove('waiting', settlement.state) && waits === (settlement.retryAfter !== null) && explained
    }),
  )
  const last = RETRY_SCHEDULE.length + 1
  t.match(judge(last, { outcome: 'retry', failure }, { random: 0 }), {
    settlement: { state: 'failed', reason: { code: 'http-status', exhausted: true } },
    attempt: 'retryable-failure',
    event: 'delivery-failed',
  })
  t.match(judge(1, { outcome: 'refused', failure }, { random: 0 }), {
    settlement: { state: 'failed', reason: { exhausted: false } },
    attempt: 'permanent-failure',
  })
  t.match(judge(1, { outcome: 'retry', failure, retryAfter: 900 }, { random: 0 }).settlement, {
    retryAfter: 900,
  })
  t.match(interrupted(failure).settlement, { state: 'waiting', retryAfter: 0, counts: false })
})

t.test('the same address is judged the same however it is written', async (t) => {
  const byte = fc.integer({ min: 0, max: 255 })
  const policies = [addressPolicy([]), addressPolicy(['10.0.0.0/8', 'fd00::/8'])]
  const seen = new Set<boolean>()
  fc.assert(
    fc.property(fc.constantFrom(...policies), byte, byte, byte, byte, (policy, a, b, c, d) => {
      const plain = `${a}.${b}.${c}.${d}`
      const hex = (high: number, low: number) => ((high << 8) | low).toString(16)
      const spellings = [`::ffff:${plain}`, `::ffff:${hex(a, b)}:${hex(c, d)}`, `0:0:0:0:0:ffff:${plain}`]
      seen.add(policy.permits(plain))
      return spellings.every((spelling) => policy.permits(spelling) === policy.permits(plain))
    }),
    { numRuns: 2_000 },
  )
  t.equal(seen.size, 2, 'permitted and forbidden ones were among them')
})

t.test('public addresses are permitted, special ones only where they are named', async (t) => {
  const open = [
    '1.1.1.1',
    '103.1.208.1',
    '203.162.0.11',
    '172.15.255.255',
    '172.32.0.0',
    '2405:4800::1',
    '2a00::1',
  ]
  const closed = [
    '0.0.0.0',
    '10.0.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.0',
    '172.31.255.255',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::1',
    '100::1',
    '2001:db8::1',
    '2002::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ]
  const policy = addressPolicy([])
  for (const address of open) t.ok(policy.permits(address), address)
  for (const address of closed) t.notOk(policy.permits(address), address)
  const named = addressPolicy(['10.1.0.0/16', 'fd00::/8', '::1/128'])
  for (const address of ['10.1.2.3', 'fd12::1', '::1']) t.ok(named.permits(address), address)
  for (const address of ['10.2.0.1', 'fc00::1', '127.0.0.1']) t.notOk(named.permits(address), address)
  for (const garbage of ['', 'localhost', '1.2.3', '1.2.3.4.5', '::g'])
    t.notOk(policy.permits(garbage), `"${garbage}"`)
})
