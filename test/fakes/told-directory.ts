import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { axisClient } from '../../src/axis/client.ts'
import type { AxisClient } from '../../src/axis/client-types.ts'
import type { Teardown } from '../support/temporary-folder.ts'

/** What another exchange answers to each operation: an object becomes its JSON, a text stands as it is. */
export type Answers = Record<string, object | string>

/** Another exchange, as far as its directory goes: answers each operation with what the test says at that moment. */
export async function toldDirectory(t: Teardown, answers: () => Answers): Promise<AxisClient> {
  const server = createServer((request, response) => {
    request.resume()
    const operation = request.url?.split('/').at(-1) ?? ''
    const level = request.headers['xroadvnpt-level']
    const answer = answers()[level === undefined ? operation : `${operation} ${level}`]
    const isText = typeof answer === 'string'
    response.setHeader('content-type', isText ? 'text/html' : 'application/json')
    response.end(isText ? answer : JSON.stringify(answer ?? NOTHING))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const client = axisClient(
    {
      name: 'truc-quoc-gia',
      channel: 'national-axis',
      gateway: null,
      url: `http://127.0.0.1:${port}/vxp`,
      systemId: 'tram.test',
      secret: 'test-secret',
      addsTraceHeader: false,
      pollSeconds: 60,
      timeoutMs: 5_000,
      authorities: null,
      clientCertificate: null,
    },
    { maxPacketBytes: 1_000 },
  )
  t.teardown(async () => {
    await client.close()
    server.close()
    server.closeAllConnections()
  })
  return client
}

const NOTHING = { status: 'FAIL', ErrorCode: '99', ErrorDesc: 'no such operation' }
