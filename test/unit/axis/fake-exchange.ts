import { createHash } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { axisClient } from '../../../src/axis/client.ts'
import type { AxisClient, Outcome, OutgoingEdoc } from '../../../src/axis/client-types.ts'
import { type SignedHeaders, verifySignedHeaders } from '../../../src/axis/signed-headers.ts'
import type { Connector } from '../../../src/domain/axis/connector.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'
import { chunked } from '../edxml/vectors.ts'

export const SECRET = 'bí mật'
export const MAX_PACKET = 1_000_000

/** A request as the other exchange sees it. */
export interface Seen {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: SignedHeaders | undefined
  readonly plain: IncomingMessage['headers']
  readonly body: Buffer
}

export type Behave = (response: ServerResponse, seen: Seen) => unknown

/** One answer after the other: JSON of a value, or whatever a function does. */
export interface FakeExchange {
  readonly url: string
  readonly seen: Seen[]
  behaves: Behave
}

export async function fakeExchange(t: Test, tls?: ServerOptions): Promise<FakeExchange> {
  const seen: Seen[] = []
  const fake = { url: '', seen, behaves: answers({}) }
  const listener: RequestListener = async (request, response) => {
    const pieces: Buffer[] = await request.toArray().catch(() => [])
    const { method, url: path, headers: plain, rawHeaders } = request
    const verification = verifySignedHeaders(rawHeaders, [SECRET])
    const headers = verification.ok ? verification.headers : undefined
    const one: Seen = { method, path, headers, plain, body: Buffer.concat(pieces) }
    seen.push(one)
    await fake.behaves(response, one)
  }
  const options = { maxHeaderSize: 1024 * 1024 }
  const server: Server = tls
    ? createTlsServer({ ...options, ...tls }, listener)
    : createServer(options, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  fake.url = `${tls ? 'https' : 'http'}://localhost:${port}/xrdvxp/v3`
  return fake
}

/** An answer of 200 that says OK. */
export const answers =
  (fields: object): Behave =>
  (response) =>
    response.end(JSON.stringify({ status: 'OK', ErrorCode: '0', ErrorDesc: 'Success', ...fields }))

export const writes =
  (text: string, status = 200, headers: Record<string, string> = {}): Behave =>
  (response) =>
    response.writeHead(status, headers).end(text)

export function clientOf(t: Test, url: string, more: Partial<Connector> = {}): AxisClient {
  const client = axisClient(
    {
      name: 'axis',
      channel: 'national-axis',
      gateway: null,
      url,
      systemId: 'tram',
      secret: SECRET,
      addsTraceHeader: false,
      pollSeconds: 60,
      timeoutMs: 5_000,
      authorities: null,
      clientCertificate: null,
      ...more,
    },
    { maxPacketBytes: MAX_PACKET, now: () => new Date('2026-11-21T12:06:25.837Z') },
  )
  t.teardown(() => client.close())
  return client
}

export const PACKET = Buffer.from('<edXML>Công văn</edXML>')

export const edoc = (more: Partial<OutgoingEdoc> = {}): OutgoingEdoc => ({
  messageType: 'edoc',
  from: 'H41',
  to: ['000.00.00.G22', 'H14.02'],
  sha256: sha256(createHash('sha256').update(PACKET).digest('hex')),
  length: PACKET.length,
  content: () => chunked(PACKET, 3, 9),
  beside: { seal: Buffer.from('<seal/>'), hops: [{ organId: 'H41', timestamp: '2026/11/21 19:06:25' }] },
  ...more,
})

export const all = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces)
}

export const last = ({ seen }: FakeExchange) => seen.at(-1)!

export const kindOf = async (outcome: Promise<Outcome<unknown>>): Promise<string> => {
  const done = await outcome
  return done.ok ? 'ok' : done.failure.kind
}
