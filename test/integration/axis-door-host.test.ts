import t from 'tap'
import { axisDoor } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'

const gateway = await testGateway(t)

t.test('a request without Host is answered like any other', async (t) => {
  const door = await axisDoor(t, gateway)
  const { status, body } = await door.raw(
    Buffer.from('POST /axis/getAgenciesList HTTP/1.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  )
  t.equal(status, 200)
  t.match(JSON.parse(body.toString()), { status: 'FAIL', ErrorCode: '15', data: [] })
})
