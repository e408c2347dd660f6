import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const ANSWERS: Readonly<Record<string, number>> = {
  'push-answers': 204,
  'push-fails': 503,
  'push-refuses': 410,
}

/** Systems of agencies that are told by push: the last part of the path says how one answers. */
export async function startPushServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(ANSWERS[request.url?.split('/').at(-1) ?? ''] ?? 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
