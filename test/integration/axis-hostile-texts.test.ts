import t from 'tap'
import { askForReceipts } from '../../src/delivery/axis-receipts.ts'
import { abroadWorld } from '../support/abroad-world.ts'

const { axis, gateway, pool, accepted, deliveriesOf, deliverFirst } = await abroadWorld(t)
const never = new AbortController().signal

/** What PostgreSQL does not keep, or keeps as something else; the last is broken only where it is cut. */
const TEXTS: Record<string, string> = {
  nothing: 'a\0b',
  'half a character': 'a\ud800b',
  'a line break': 'a\r\nb',
  'cut in two': `x${'😀'.repeat(2_500)}`,
}

t.test('a refusal is on record in whatever words it comes', async (t) => {
  for (const [what, because] of Object.entries(TEXTS)) {
    axis.behave = () => ({ kind: 'refuse', code: '20', because })
    const { document } = await accepted(['H90'])
    t.equal(await deliverFirst(document), 'settled', what)
    t.match(await deliveriesOf(document), [{ state: 'waiting', reason: { code: 'axis-system-error' } }], what)
  }
})

t.test('what recipients are said to have is on record, and keeps nobody from his answer', async (t) => {
  axis.behave = () => ({ kind: 'take' })
  for (const [what, receiveStatusDesc] of Object.entries(TEXTS)) {
    const { document } = await accepted(['H90'])
    await deliverFirst(document)
    axis.sent = (senderDocId) => [{ senderDocId, toCode: 'H90', receiveStatus: 'fail', receiveStatusDesc }]
    await pool.query('update delivery set receipt_due_at = clock_timestamp() where document_id = $1', [
      document,
    ])
    t.match(await askForReceipts(gateway.worker, () => undefined, never), { failed: 1 }, what)
    t.match(await deliveriesOf(document), [{ reason: { code: 'failed-there' } }], what)
  }
})

t.test('a number that cannot be asked for again is none', async (t) => {
  for (const [what, docId] of Object.entries(TEXTS)) {
    axis.behave = () => ({ kind: 'take', docId })
    axis.sent = () => []
    const { document } = await accepted(['H90'])
    t.equal(await deliverFirst(document), 'settled', what)
    t.match(await deliveriesOf(document), [{ state: 'handed-over' }], what)
    await pool.query(
      'update delivery set receipt_due_at = clock_timestamp() where document_id = $1 and remote_id is not null',
      [document],
    )
    t.match(await askForReceipts(gateway.worker, () => undefined, never), { failed: 0 }, what)
  }
})
