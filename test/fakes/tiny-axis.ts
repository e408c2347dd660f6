import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Teardown } from '../support/temporary-folder.ts'

/** What was asked, as the other side sees it. */
export interface AxisCall {
  readonly operation: string
  /** Without their prefix, by lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly to: readonly string[]
  readonly body: Buffer
}

export type AxisBehaviour =
  /** @param docId told in the place of its own */
  | { readonly kind: 'take'; readonly docId?: string }
  | { readonly kind: 'refuse'; readonly code: string; readonly because: string }
  /** Takes it, and lets the connection go before it answers. */
  | { readonly kind: 'take-and-reset' }
  /** Takes it, and answers when it is told to. */
  | { readonly kind: 'take-and-wait'; readonly until: Promise<void> }
  | { readonly kind: 'html'; readonly status: number }
  /** Takes it, and a proxy's page comes instead of its answer. */
  | { readonly kind: 'take-and-html'; readonly status: number }

/** Another exchange, as far as packets are handed to it: it makes one document of equal packets, and recipients join. */
export class TinyAxis {
  readonly calls: AxisCall[] = []
  /** Recipients of each document, by its number there; each once. */
  readonly taken = new Map<string, Set<string>>()
  /** What it lists as sent, by document. */
  sent: (docId: string) => readonly Record<string, unknown>[] = () => []
  behave: (call: AxisCall) => AxisBehaviour = () => ({ kind: 'take' })
  readonly url: string
  readonly #close: () => void

  private constructor(url: string, close: () => void) {
    this.url = url
    this.#close = close
  }

  static async start(t: Teardown, port = 0): Promise<TinyAxis> {
    let axis: TinyAxis | undefined
    const server = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
      axis?.answer(request, response).catch(() => response.destroy())
    })
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
    const { port: given } = server.address() as AddressInfo
    const close = () => {
      server.close()
      server.closeAllConnections()
    }
    axis = new TinyAxis(`http://127.0.0.1:${given}/any/prefix`, close)
    t.teardown(close)
    return axis
  }

  get sends(): AxisCall[] {
    return this.calls.filter(({ operation }) => operation === 'sendEdoc')
  }

  close(): void {
    this.#close()
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request)
    this.calls.push(call)
    const reply = (more: Record<string, unknown>) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ status: 'OK', ErrorCode: '0', ErrorDesc: 'OK', ...more }))
    }
    if (call.operation !== 'sendEdoc') return reply({ data: this.sent(call.headers.docid ?? '') })
    const behaviour = this.behave(call)
    const page = (status: number) =>
      void response.writeHead(status).end('<html><body>Bad gateway</body></html>')
    if (behaviour.kind === 'html') return page(behaviour.status)
    if (behaviour.kind === 'refuse')
      return reply({ status: 'FAIL', ErrorCode: behaviour.code, ErrorDesc: behaviour.because, DocId: '' })
    const docId = this.#take(call)
    if (behaviour.kind === 'take-and-html') return page(behaviour.status)
    if (behaviour.kind === 'take-and-reset') return void response.destroy()
    if (behaviour.kind === 'take-and-wait') await behaviour.until
    reply({ DocId: (behaviour.kind === 'take' && behaviour.docId) || docId })
  }

  #take({ headers, to, body }: AxisCall): string {
    const docId = createHash('sha256')
      .update(`${headers.from} `)
      .update(body.toString().trimEnd())
      .digest('hex')
      .slice(0, 12)
    this.taken.set(docId, new Set([...(this.taken.get(docId) ?? []), ...to]))
    return docId
  }
}

async function readCall(request: IncomingMessage): Promise<AxisCall> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.replace(/^xroadvnpt-/, ''), String(value)]),
  )
  return {
    operation: request.url?.split('/').at(-1) ?? '',
    headers,
    to: headers.to === undefined ? [] : JSON.parse(headers.to),
    body: await buffer(request),
  }
}
