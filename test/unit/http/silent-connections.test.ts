import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t from 'tap'
import { endSilent } from '../../../src/http/silent-connections.ts'

const SILENT_MS = 250

async function served(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = endSilent(createServer(), SILENT_MS)
  server.on('request', answer)
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

t.test('who waits for us longer than anybody may be silent gets the answer', async (t) => {
  const silences: number[] = []
  const port = await served(async (asked, response) => {
    await asked.resume().on('end', () => undefined)
    asked.socket.on('timeout', () => {
      silences.push(1)
      if (silences.length === 3) response.end('xong')
    })
  })
  const asking = request({ port, method: 'POST', agent: false }).end('văn bản')
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  t.equal((await answer.toArray()).join(''), 'xong')
  t.equal(silences.length, 3)
})

t.test('who sends half a request and falls silent is let go of', async (t) => {
  const port = await served((asked) => asked.resume())
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf')
  await once(socket.resume(), 'close')
  t.pass('closed')
})

t.test('who does not read its answer is let go of', async (t) => {
  const port = await served((asked, response) => {
    asked.resume()
    response.write(Buffer.alloc(64 * 1024 * 1024))
  })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.pause()
  const closed = await new Promise<boolean>((resolve) => {
    const look = setInterval(() => socket.resume().once('close', () => resolve(true)), SILENT_MS * 4)
    t.teardown(() => clearInterval(look))
  })
  t.ok(closed)
})

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n'

t.test('who waits for us may have sent half of the next request', async (t) => {
  let silences = 0
  const port = await served((asked, response) => {
    asked.resume()
    if (asked.method === 'POST') return void asked.once('end', () => response.end('hai'))
    asked.socket.on('timeout', () => {
      silences += 1
      if (silences === 3) response.end('mot')
    })
  })
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\n\r\n${HEAD}12345${HEAD}12`)
  const read = await socket.toArray()
  const answers = Buffer.concat(read).toString().split('HTTP/1.1 200 OK\r\n').slice(1)
  t.same(
    answers.map((answer) => answer.split('\r\n\r\n')[1]),
    ['mot', 'hai'],
    'the third came to nothing',
  )
  t.ok(silences >= 3)
})

t.test(
  'who does not read the first of its answers is let go of, whatever it asked behind that',
  async (t) => {
    const port = await served((asked, response) => {
      asked.resume()
      if (asked.method === 'GET') response.write(Buffer.alloc(64 * 1024 * 1024))
    })
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\n\r\n${HEAD}12345`)
    socket.pause()
    const closed = await new Promise<boolean>((resolve) => {
      const look = setInterval(() => socket.resume().once('close', () => resolve(true)), SILENT_MS * 4)
      t.teardown(() => clearInterval(look))
    })
    t.ok(closed)
  },
)
