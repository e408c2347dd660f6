import t from 'tap'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { lineOf } from '../../../src/worker/line-of.ts'
import { push, snapshotOf } from '../directory/routing/world.ts'

const directory = snapshotOf([
  { code: 'H01', endpoint: push('subtree') },
  { code: 'H01.1', parent: 'H01' },
  { code: 'H01.2', parent: 'H01', endpoint: push() },
  { code: 'H02' },
])
const now = new Date('2026-11-20T08:00:00+07:00')

const line = (
  recipient: string,
  channel: Parameters<typeof lineOf>[0]['channel'],
  gateway: string | null = null,
) =>
  lineOf(
    {
      recipient: agencyCode(recipient),
      channel,
      gateway: gateway === null ? null : agencyCode(gateway),
      urgency: 0,
      now,
    },
    { directory, tables: [] },
  )

t.test('who is reached by one system shares one line', async (t) => {
  t.equal(line('H01', 'https-push'), line('H01.1', 'https-push'), 'the endpoint of the province')
  t.not(line('H01.2', 'https-push'), line('H01', 'https-push'), 'an endpoint of its own')
  t.equal(line('H02', 'https-push'), 'H02', 'an endpoint that is gone')
  t.equal(line('H01', 'gateway', 'G09'), line('H02', 'gateway', 'G09'))
  t.not(line('H01', 'gateway', 'G09'), line('H01', 'gateway', 'G10'))
  t.equal(line('H01', 'national-axis'), line('H02', 'national-axis'))
  t.equal(line('H01', 'mailbox'), null, 'nobody is waited for')
})
