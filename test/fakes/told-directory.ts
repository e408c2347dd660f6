import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Teardown } from '../support/temporary-folder.ts'

/** What another exchange answers to each operation: an object becomes its JSON, a text stands as it is. */
export type Answers = Record<string, object | string>

/** Another exchange, as far as its directory goes: answers each operation with what the test says at that moment. Gives its URL. */
export async function toldDirectory(t: Teardown, answers: () => Answers): Promise<string> {
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
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${port}/vxp`
}

const NOTHING = { status: 'FAIL', ErrorCode: '99', ErrorDesc: 'no such operation' }
