import t from 'tap'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { RefusalBudget, type RefusedCaller } from '../../../src/http/auth/refusal-budget.ts'

const kind = 'access-refused'
const stranger = (address: string): RefusedCaller => ({ kind, clientId: null, agency: null, address })
const client = (clientId: string, address = '203.0.113.1'): RefusedCaller => ({
  kind,
  clientId,
  agency: agencyCode('H90'),
  address,
})

t.test('ten refusals of one caller go on record; the rest is told as a number', async (t) => {
  const budget = new RefusalBudget()
  const takes = (caller: RefusedCaller, times: number) =>
    Array.from({ length: times }, () => budget.take(caller)).filter((taken) => taken).length
  t.equal(takes(stranger('203.0.113.1'), 25), 10)
  t.equal(takes(client('dms.a'), 13), 10, 'a client at the same address has its own')
  t.equal(takes(client('dms.a', '203.0.113.9'), 1), 0, 'wherever it comes from')
  t.equal(takes({ ...client('dms.a'), kind: 'admin-refused' }, 1), 1)
  t.equal(takes(client('dms.b'), 3), 3)
  t.strictSame(budget.drain(), [
    { caller: stranger('203.0.113.1'), count: 15 },
    { caller: client('dms.a'), count: 4 },
  ])
  t.strictSame(budget.drain(), [], 'told once')
  t.ok(budget.take(stranger('203.0.113.1')), 'and counted anew')
})

t.test('strangers from everywhere fill neither the record nor the memory, and hide no client', async (t) => {
  const budget = new RefusalBudget()
  let recorded = 0
  for (let n = 0; n < 50_000; n++) if (budget.take(stranger(`2001:db8:${n.toString(16)}::`))) recorded += 1
  t.equal(recorded, 100)
  t.ok(budget.take(client('dms.a')))
  const { address, ...many } = stranger('')
  t.strictSame(budget.drain(), [{ caller: { ...many, address: null }, count: 49_900 }])
})
