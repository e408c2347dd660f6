import t from 'tap'
import { EndpointReturns } from '../../../src/delivery/endpoint-returns.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'

const [one, other] = [agencyCode('H90'), agencyCode('H91')]
const answered = { outcome: 'available' } as const
const failed = {
  outcome: 'retry',
  failure: { code: 'timeout', explanation: { vi: 'hết hạn', en: 'timeout' } },
} as const

t.test('an endpoint is back once, after a failure', async (t) => {
  const returns = new EndpointReturns()
  t.equal(returns.saw(one, 0, answered), false, 'it was never away')
  t.equal(returns.saw(one, 0, failed), false)
  t.equal(returns.saw(one, 1, failed), false)
  t.equal(returns.saw(other, 0, answered), false, 'another one')
  t.equal(returns.saw(one, 0, answered), true, 'by a new document as by a retry')
  t.equal(returns.saw(one, 2, answered), false, 'once for each return: what waits is told of it only once')
  t.equal(returns.saw(one, 0, failed), false)
  t.equal(returns.saw(one, 0, answered), true, 'and again after the next failure')
})

t.test('a process that was started meanwhile learns it from a retry that gets through', async (t) => {
  const returns = new EndpointReturns()
  t.equal(returns.saw(one, 3, answered), true)
  t.equal(returns.saw(one, 3, answered), false)
})
