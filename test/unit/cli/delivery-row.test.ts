import t from 'tap'
import { deliveryRow } from '../../../src/cli/delivery-row.ts'
import { agencyCode, deliveryKey } from '../../../src/domain/identifiers.ts'

const rowWith = (reason: unknown) =>
  deliveryRow({
    key: deliveryKey('01a202a9-22f0-7179-b710-676257a1f249'),
    state: 'waiting',
    paused: false,
    tier: 'central',
    sender: agencyCode('H90'),
    recipient: agencyCode('G90'),
    attempts: 0,
    stateSince: new Date('2026-11-22T09:49:28.712Z'),
    reason,
  })

t.test('why a delivery waits is told in the words of the other side', async (t) => {
  const explanation = {
    vi: 'Trục central: đơn vị gửi chưa đăng ký:\n19 Nơi gửi lạ',
    en: 'The exchange central: …',
  }
  const row = rowWith({ code: 'axis-sender-unregistered', explanation, detail: { errorCode: '19' } })
  t.equal(row.at(-1), 'axis-sender-unregistered Trục central: đơn vị gửi chưa đăng ký: 19 Nơi gửi lạ')
  t.equal(row.length, rowWith(null).length)
})

t.test('a reason of another kind, or none, breaks no table', async (t) => {
  for (const reason of [null, undefined, 'text', 5, {}, { explanation: null }, { explanation: 'text' }])
    t.equal(rowWith(reason).at(-1), null)
  t.equal(rowWith({ code: 'joined' }).at(-1), 'joined')
  t.equal([...String(rowWith({ code: 'x'.repeat(1_000) }).at(-1))].length, 200)
})
