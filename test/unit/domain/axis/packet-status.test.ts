import t from 'tap'
import { packetStatus } from '../../../../src/domain/axis/packet-status.ts'

t.test('a status is one of four words in any case', async (t) => {
  t.equal(packetStatus(' DONE '), 'done')
  t.equal(packetStatus('fail'), 'fail')
  for (const other of ['', '02', 'constructor', '__proto__', 'toString', 'valueof'])
    t.equal(packetStatus(other), undefined, other)
})
