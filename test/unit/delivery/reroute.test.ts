import fc from 'fast-check'
import t from 'tap'
import { onward } from '../../../src/delivery/reroute.ts'
import { judge } from '../../../src/delivery/verdict.ts'
import { tableInForce } from '../../../src/directory/routing/table-in-force.ts'
import { CHANNEL_IDS, type ChannelId } from '../../../src/domain/channel-id.ts'
import type { DeliveryExplanation } from '../../../src/domain/routing-rule.ts'
import { FAILURE, RETRY } from '../../fakes/gated-channel.ts'

const NOW = new Date('2026-11-20T08:00:00+07:00')

t.test('channel after channel is tried, each once and in order, and then no more', async () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...CHANNEL_IDS], { minLength: 1 }), ([first, ...fallback]) => {
      const tried: ChannelId[] = []
      let at = { channel: first!, route: { fallback } as Partial<DeliveryExplanation>, urgency: 0 as const }
      for (;;) {
        tried.push(at.channel)
        const next = onward(at, FAILURE, NOW)
        if (next === undefined) break
        at = { ...at, channel: next.channel, route: next.route }
      }
      const told = (at.route.rerouted ?? []).map(({ from, to }) => `${from} ${to}`)
      return (
        tried.join() === [first, ...fallback].join() &&
        told.join() ===
          tried
            .slice(1)
            .map((to, index) => `${tried[index]} ${to}`)
            .join()
      )
    }),
  )
})

t.test('the route keeps what it said, and says why it goes on', async (t) => {
  const route: Partial<DeliveryExplanation> = { rule: 'r1', revision: 3, fallback: ['gateway', 'mailbox'] }
  t.strictSame(onward({ channel: 'https-push', route, urgency: 0 }, FAILURE, NOW), {
    channel: 'gateway',
    route: {
      rule: 'r1',
      revision: 3,
      fallback: ['mailbox'],
      rerouted: [{ from: 'https-push', to: 'gateway', because: 'http-status', at: NOW.toISOString() }],
    },
    notBefore: null,
    rerouting: { from: 'https-push', to: 'gateway', because: 'http-status', at: NOW.toISOString() },
  })
})

t.test('it goes on at the end of quiet hours', async (t) => {
  const route: Partial<DeliveryExplanation> = {
    fallback: ['mailbox'],
    quietHours: { from: '07:00', to: '09:00', passedFrom: 2 },
  }
  const at = (urgency: 0 | 2) => onward({ channel: 'https-push', route, urgency }, FAILURE, NOW)?.notBefore
  t.strictSame(at(0), new Date('2026-11-20T09:00:00+07:00'))
  t.equal(at(2), null)
})

t.test(
  'a channel gives up where it refuses, where attempts are exhausted, and where it is not there',
  async (t) => {
    t.equal(judge(1, RETRY, { random: 0 }).gaveUp, undefined)
    t.equal(judge(10, RETRY, { random: 0 }).gaveUp, FAILURE)
    t.equal(judge(1, { outcome: 'refused', failure: FAILURE }, { random: 0 }).gaveUp, FAILURE)
    t.match(judge(10, { ...RETRY, ours: true, retryAfter: 900 }, { random: 0 }), {
      gaveUp: FAILURE,
      settlement: { state: 'waiting', retryAfter: 900, counts: false },
    })
  },
)

t.test('the table in force is the one that took effect last', async (t) => {
  const table = (revision: number, from: string) => ({
    revision,
    rules: [],
    author: 'a',
    createdAt: NOW,
    effectiveFrom: new Date(from),
    approvedBy: 'b',
    draftId: null,
  })
  const tables = [
    table(4, '2026-11-22T00:00:00Z'),
    table(1, '2020-01-01T00:00:00Z'),
    table(3, '2026-11-21T00:00:00Z'),
    table(5, '2026-11-21T00:00:00Z'),
  ]
  const at = (text: string) => tableInForce(tables, new Date(text)).revision
  t.equal(at('2026-11-20T23:59:59.999Z'), 1)
  t.equal(at('2026-11-21T00:00:00Z'), 5, 'of two at once the later one')
  t.equal(at('2030-01-01T00:00:00Z'), 4)
  t.throws(() => at('2019-01-01T00:00:00Z'))
})
