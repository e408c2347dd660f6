import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t from 'tap'
import { onceOver } from '../../../src/http/once-over.ts'
import { waitFor } from '../../support/wait-for.ts'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

interface Served {
  readonly client: Socket
  /** Those that nobody has answered yet, in their order. */
  readonly responses: ServerResponse[]
  /** Of which requests it was told that they are over. */
  readonly over: number[]
}

/** A server that was asked three things at once over one connection. */
async function threeAsked(t: Test): Promise<Served> {
  const responses: ServerResponse[] = []
  const over: number[] = []
  const server = createServer((_request, response) => {
    const number = responses.push(response)
    onceOver(response, () => over.push(number))
  })
  t.teardown(() => server.close())
  t.teardown(() => server.closeAllConnections())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').resume()
  client.on('error', () => undefined)
  client.write(GET.repeat(3))
  await waitFor(() => responses.length === 3)
  return { client, responses, over }
}

type Test = typeof t

t.test('requests on a connection that dies are all over, each once', async (t) => {
  const { client, over, responses } = await threeAsked(t as Test)
  client.resetAndDestroy()
  await waitFor(() => over.length >= 3)
  for (const response of responses) response.end('too late')
  await new Promise(setImmediate)
  t.strictSame(over, [1, 2, 3])
})

t.test('each is over when its own answer has left', async (t) => {
  const { client, over, responses } = await threeAsked(t as Test)
  responses[1]!.end('second')
  responses[0]!.end('first')
  await waitFor(() => over.length === 2)
  t.strictSame(over, [1, 2])
  client.destroy()
  await waitFor(() => over.length === 3)
})
