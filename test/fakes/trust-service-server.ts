import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Teardown } from '../support/temporary-folder.ts'

/** What the line to a service does, whatever the service says. */
export type LineBehaviour =
  | { readonly kind: 'answer' }
  /** Connections are closed as they come. */
  | { readonly kind: 'down' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'status'; readonly status: number; readonly location?: string }
  /** 200, and then a body without end. */
  | { readonly kind: 'flood' }
  | { readonly kind: 'wrong-type' }

export interface Service {
  readonly mediaType: string
  /** Answers a body; that of a GET is empty. */
  respond(body: Uint8Array): Uint8Array
}

export interface TrustServiceServer {
  /** `http://localhost:<port>`; services are below it under their names. */
  readonly url: string
  behaviour: LineBehaviour
  /** Requests that came, whatever became of them. */
  readonly requests: string[]
}

export const TSA_TYPE = 'application/timestamp-reply'
export const OCSP_TYPE = 'application/ocsp-response'
export const CRL_TYPE = 'application/pkix-crl'

/** TSA, OCSP responder, CRL publisher over HTTP on a free port of 127.0.0.1, gone after the test. */
export async function trustServiceServer(
  t: Teardown,
  services: Readonly<Record<string, Service>>,
): Promise<TrustServiceServer> {
  const sockets = new Set<Socket>()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const state: TrustServiceServer = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    behaviour: { kind: 'answer' },
    requests: [],
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    if (state.behaviour.kind === 'down') socket.destroy()
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    state.requests.push(request.url ?? '')
    const service = services[request.url?.slice(1) ?? '']
    void buffer(request)
      .then((body) => behave(state.behaviour, response, service, body))
      .catch(() => response.destroy())
  })
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return state
}

function behave(
  how: LineBehaviour,
  response: ServerResponse,
  service: Service | undefined,
  body: Uint8Array,
): void {
  const answer = (type?: string) => {
    if (service === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': type ?? service.mediaType }).end(service.respond(body))
  }
  const acts: Record<LineBehaviour['kind'], () => void> = {
    answer: () => answer(),
    down: () => void response.socket?.resetAndDestroy(),
    hang: () => undefined,
    slow: () => void setTimeout(answer, how.kind === 'slow' ? how.ms : 0).unref(),
    status: () => {
      if (how.kind !== 'status') return
      response.writeHead(how.status, how.location === undefined ? {} : { location: how.location }).end()
    },
    flood: () => flood(response.writeHead(200, { 'content-type': service?.mediaType })),
    'wrong-type': () => answer('text/html'),
  }
  acts[how.kind]()
}

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, 0x30)
  response.on('error', () => undefined)
  const pour = () => {
    while (!response.destroyed && response.write(chunk)) {}
  }
  response.on('drain', pour)
  pour()
}
