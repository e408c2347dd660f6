import { createPublicKey, verify } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Teardown } from '../support/temporary-folder.ts'

/** What the endpoint does with a notice, once it has read it. */
export type Behaviour =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Record<string, string> }
  /** Takes the notice and never answers. */
  | { readonly kind: 'hang' }
  /** Answers after so many milliseconds. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'reset' }
  /** Bytes that are not HTTP. */
  | { readonly kind: 'garbage' }
  /** 200, and a body that is nothing. */
  | { readonly kind: 'nonsense' }
  /** 200, and an answer of which half comes before the connection is reset. */
  | { readonly kind: 'reset-in-body' }
  /** A byte of an answer each quarter of a second. */
  | { readonly kind: 'drip' }
  /** 200, and then a body without end. */
  | { readonly kind: 'flood' }
  /** 200, and then a body that stops half way and stays open. */
  | { readonly kind: 'stuck-body' }

export interface Notice {
  readonly id: string
  /** Unix time in seconds, as the gateway gave it. */
  readonly timestamp: number
  readonly body: string
  /** The data of the notice where it is JSON. */
  readonly data: Readonly<Record<string, unknown>>
  /** Whether the signature fits, and the timestamp lies within five minutes. */
  readonly verified: boolean
  readonly path: string
}

export interface FakeAgencyOptions {
  /** The gateway's key as it is handed out: `whpk_` and base64. */
  readonly publicKey: string
  readonly tls?: { readonly key: string; readonly cert: string }
}

const TOLERANCE_SECONDS = 5 * 60
// RFC 8410: what stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo.
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Verifies a notice by Standard Webhooks 1.0.0, `v1a`. Written against node:crypto, for the official package
 * `standardwebhooks` knows only the symmetric `v1`.
 */
export function verifyNotice(publicKey: string, headers: IncomingMessage['headers'], body: string): boolean {
  const raw = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64')
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' })
  const id = String(headers['webhook-id'])
  const timestamp = String(headers['webhook-timestamp'])
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const signed = Buffer.from(`${id}.${timestamp}.${body}`)
  return String(headers['webhook-signature'])
    .split(' ')
    .map((versioned) => versioned.split(','))
    .some(
      ([version, signature = '']) =>
        version === 'v1a' && verify(null, signed, key, Buffer.from(signature, 'base64')),
    )
}

/** A recipient's document system, as far as the gateway tells it of deliveries. It behaves as it is told. */
export class FakeAgency {
  readonly notices: Notice[] = []
  /** Connections that were ever opened to it. */
  connections = 0
  behaviour: Behaviour = { kind: 'answer', status: 204 }
  /** Told of each notice before it is answered. */
  onNotice: (notice: Notice) => void = () => undefined
  readonly url: string
  readonly #sockets: Set<Socket>

  private constructor(url: string, sockets: Set<Socket>) {
    this.url = url
    this.#sockets = sockets
  }

  /** Starts one on a free port of 127.0.0.1, gone after the test. */
  static async start(t: Teardown, options: FakeAgencyOptions): Promise<FakeAgency> {
    const sockets = new Set<Socket>()
    const server = options.tls ? createHttpsServer(options.tls) : createHttpServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const agency = new FakeAgency(`${options.tls ? 'https' : 'http'}://localhost:${port}/notices`, sockets)
    server.on('connection', (socket: Socket) => {
      agency.connections++
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
    })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void agency.#take(request, response, options.publicKey)
    })
    t.teardown(async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    return agency
  }

  get openSockets(): number {
    return this.#sockets.size
  }

  /** The notices of one delivery. */
  noticesOf = (id: string): Notice[] => this.notices.filter((notice) => notice.id === id)

  async #take(request: IncomingMessage, response: ServerResponse, publicKey: string): Promise<void> {
    const body = await text(request).catch(() => null)
    if (body === null) return
    const notice = {
      id: String(request.headers['webhook-id']),
      timestamp: Number(request.headers['webhook-timestamp']),
      body,
      data: dataOf(body),
      verified: verifyNotice(publicKey, request.headers, body),
      path: request.url ?? '',
    }
    this.notices.push(notice)
    this.onNotice(notice)
    behave(this.behaviour, response)
  }
}

function dataOf(body: string): Record<string, unknown> {
  try {
    const { data } = JSON.parse(body)
    return typeof data === 'object' && data !== null ? data : {}
  } catch {
    return {}
  }
}

const ACTS: {
  [K in Behaviour['kind']]: (how: Extract<Behaviour, { kind: K }>, response: ServerResponse) => void
} = {
  answer: ({ status, headers }, response) => response.writeHead(status, headers).end(),
  hang: () => undefined,
  slow: ({ ms }, response) => void setTimeout(() => response.writeHead(204).end(), ms).unref(),
  reset: (_how, response) => response.socket?.resetAndDestroy(),
  garbage: (_how, response) => response.socket?.end('\u0000\u0001 không phải HTTP\r\n\r\n'),
  nonsense: (_how, response) => response.writeHead(200).end(Buffer.alloc(2_000, '\u0000<{')),
  'reset-in-body': (_how, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('một nửa')
    setTimeout(() => response.socket?.resetAndDestroy(), 20)
  },
  drip: (_how, response) => drip(response),
  flood: (_how, response) => flood(response.writeHead(200)),
  'stuck-body': (_how, response) =>
    void response.writeHead(200, { 'content-length': '100' }).write('một nửa'),
}

function behave<K extends Behaviour['kind']>(
  how: Extract<Behaviour, { kind: K }>,
  response: ServerResponse,
): void {
  ACTS[how.kind as K](how, response)
}

function drip({ socket }: ServerResponse): void {
  const answer = Buffer.from('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')
  let sent = 0
  const timer = setInterval(() => {
    if (socket === null || socket.destroyed || sent === answer.length) return clearInterval(timer)
    socket.write(answer.subarray(sent, sent + 1))
    sent += 1
  }, 250)
}

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  response.on('error', () => undefined)
  const pour = () => {
    while (!response.destroyed && response.write(chunk)) {}
  }
  response.on('drain', pour)
  pour()
}
