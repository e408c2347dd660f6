import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Teardown } from '../support/temporary-folder.ts'

export interface AddressTrap {
  readonly port: number
  /** The address of this machine that each connection was made to, in their order. */
  readonly reached: readonly string[]
}

/** Listens on every address of this machine, and tells which of them were connected to. Answers 204 to whoever asks. */
export async function addressTrap(t: Teardown): Promise<AddressTrap> {
  const reached: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(204).end()
  })
  server.on('connection', (socket: Socket) =>
    reached.push((socket.localAddress ?? '').replace('::ffff:', '')),
  )
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, reached }
}
