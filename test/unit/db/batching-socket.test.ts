import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { BatchingSocket } from '../../../src/db/batching-socket.ts'

t.test(
  'what is written in one turn arrives together, in its order; what comes later is not held',
  async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const arrived = once(server, 'connection')
    const client = new BatchingSocket()
    let sent = 0
    const original = client._writev!.bind(client)
    client._writev = (chunks, callback) => {
      sent += 1
      original(chunks, callback)
    }
    client.connect(address.port, '127.0.0.1')
    const [peer] = (await arrived) as [Socket]
    t.teardown(() => {
      client.destroy()
      peer.destroy()
      server.close()
    })
    await new Promise((resolve) => setImmediate(resolve))
    let seen = ''
    peer.setEncoding('utf8').on('data', (text) => {
      seen += text
    })
    let told = 0
    client.write('begin ')
    client.cork()
    client.write(Buffer.from('lock '), () => (told += 1))
    client.uncork()
    await Promise.resolve()
    client.write('find ', 'utf8', () => (told += 1))
    t.equal(sent, 0)
    await once(peer, 'data')
    t.equal(seen, 'begin lock find ')
    t.equal(sent, 1)
    t.equal(told, 2)
    client.write('commit')
    await once(peer, 'data')
    t.equal(seen, 'begin lock find commit')
    client.end('bye')
    await once(peer, 'end')
    t.equal(seen, 'begin lock find commitbye', 'the last words are not held back')
  },
)
