import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t from 'tap'
import { endUnusedAtClose } from '../../../src/http/unused-connections.ts'

const ANSWERED = /^HTTP\/1.1 200 .*done/s
const QUICK = { timeout: 5_000 }

t.test(
  'a server that closes waits for requests, and not for connections that brought none',
  QUICK,
  async (t) => {
    const server = endUnusedAtClose(createServer())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const open = async () => {
      const socket = connect(port, '127.0.0.1')
      await Promise.all([once(server, 'connection'), once(socket, 'connect')])
      return socket
    }
    const unused = await open()
    const asking = await open()
    asking.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [, response] = await once(server, 'request')
    const gone = once(unused, 'close')
    const closed = new Promise((resolve) => server.close(resolve))
    await gone
    t.equal(asking.destroyed, false, 'who asked is answered')
    const told: Buffer[] = []
    asking.on('data', (piece: Buffer) => told.push(piece))
    response.end('done')
    await closed
    if (!asking.destroyed) await once(asking, 'close')
    t.match(Buffer.concat(told).toString(), ANSWERED)
  },
)
