import t from 'tap'
import type { AxisFailure } from '../../../src/axis/client-types.ts'
import { PollWatch } from '../../../src/connector/poll-watch.ts'

const failed = (kind: AxisFailure['kind']): AxisFailure => ({
  kind,
  code: '',
  detail: 'ECONNREFUSED',
  mayHaveLeft: true,
})

function watched() {
  const told: { readonly level: 'warn' | 'info'; readonly facts: Readonly<Record<string, unknown>> }[] = []
  const clock = { seconds: 0 }
  const told_ = (level: 'warn' | 'info') => (facts: Readonly<Record<string, unknown>>) =>
    void told.push({ level, facts })
  const watch = new PollWatch(
    'truc-thu',
    { warn: told_('warn'), info: told_('info') },
    () => clock.seconds * 1_000,
  )
  return { watch, told, clock }
}

t.test(
  'an exchange that is away for three hours is told of four times, and counted at every poll',
  async (t) => {
    const { watch, told, clock } = watched()
    watch.listsRead()
    t.same(told, [], 'that all is well is no news')
    for (let poll = 0; poll < 180; poll += 1) {
      watch.listsFailed(failed(poll % 2 === 0 ? 'unreachable' : 'timeout'))
      clock.seconds += 60
    }
    t.match(told, [
      {
        level: 'warn',
        facts: { connector: 'truc-thu', seconds: 0, failures: 1, failure: { code: 'unreachable' } },
      },
      { level: 'warn', facts: { seconds: 3_600, failures: 61 } },
      { level: 'warn', facts: { seconds: 7_200, failures: 121 } },
    ])
    t.equal(told.length, 3)
    watch.listsRead()
    watch.listsRead()
    t.match(told.slice(3), [
      { level: 'info', facts: { connector: 'truc-thu', seconds: 10_800, failures: 180 } },
    ])
    t.equal(told.length, 4)
    t.same(Object.fromEntries(watch.counts), { unreachable: 90, timeout: 90 })
    watch.listsFailed(failed('unreachable'))
    t.match(told.at(-1), { level: 'warn', facts: { failures: 1 } }, 'the next time is another one')
  },
)

t.test('rounds that fail are another matter than lists', async (t) => {
  const { watch, told } = watched()
  watch.listsFailed(failed('timeout'))
  for (let round = 0; round < 100; round += 1) watch.roundFailed(new Error('no database'))
  t.equal(told.length, 2)
  t.match(told[1]?.facts, { err: { message: 'no database' } })
  watch.roundDone()
  t.match(told[2], { level: 'info', facts: { failures: 100 } })
  t.equal(watch.counts.get('internal-error'), 100)
})

t.test('what another process has taken over ends nothing here', async (t) => {
  const { watch, told, clock } = watched()
  watch.listsFailed(failed('timeout'))
  watch.stepAside()
  clock.seconds += 10_000
  watch.listsRead()
  t.equal(told.length, 1)
})

t.test('what a list holds that names no packet is told where it changes', async (t) => {
  const { watch, told } = watched()
  for (let poll = 0; poll < 5; poll += 1) watch.listHolds('edoc', ['data[3]: no docId'])
  watch.listHolds('status', [])
  t.match(told, [{ level: 'warn', facts: { messageType: 'edoc', faults: ['data[3]: no docId'] } }])
  watch.listHolds('edoc', [])
  watch.listHolds('edoc', ['data[3]: no docId'])
  t.equal(told.length, 2)
})
