import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Teardown } from '../../support/temporary-folder.ts'
import { wrongSignature } from './check-signature.ts'
import { commanded, type FaultName, type FaultPlan, momentOf } from './faults.ts'
import { type AxisEntry, digestOf } from './journal.ts'
import { rewritten } from './rewrite.ts'
import { AxisStore, type Held, type MessageType } from './store.ts'

export interface FakeAxisOptions {
  readonly systemId?: string
  readonly secret?: string
  readonly plan?: FaultPlan
  /** 0 takes a free one. */
  readonly port?: number
}

interface Call {
  readonly operation: string
  readonly header: (name: string) => string
  readonly body: Buffer
}

type Answer = Record<string, unknown>

/** Lists from which packets are missing that were on one before. */
const FORGETTING = 3
const OK = { status: 'OK', ErrorCode: '0', ErrorDesc: 'Success' }
const fail = (code: string, why: string): Answer => ({
  status: 'FAIL',
  ErrorCode: code,
  ErrorDesc: why,
  DocId: '',
  data: '',
})

/** See README.md. */
export class FakeAxis {
  readonly store = new AxisStore()
  readonly plan: FaultPlan
  /** Operations in the order in which they were asked for. */
  readonly calls: string[] = []
  /** What it did, in order: what it refused, or never came to, is not in it. */
  readonly journal: AxisEntry[] = []
  /** Told of each request before anything is done about it. */
  onCall: (operation: string) => void = () => undefined
  /** Asked once it has heard what became of a packet, while its client still waits for the answer. */
  onHeard: (docId: string, status: string) => Promise<void> = async () => undefined
  readonly #systemId: string
  readonly #secret: string
  #port = 0
  #close: () => void = () => undefined

  private constructor({ systemId = 'TRAM', secret = 'bí mật', plan = commanded() }: FakeAxisOptions) {
    this.#systemId = systemId
    this.#secret = secret
    this.plan = plan
  }

  static async start(t: Teardown, options: FakeAxisOptions = {}): Promise<FakeAxis> {
    const axis = new FakeAxis(options)
    await axis.open(options.port ?? 0)
    t.teardown(() => axis.close())
    return axis
  }

  /** Of any prefix, as clients configure it. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/xrdvxp`
  }

  async open(port = this.#port): Promise<void> {
    const server = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
    this.#port = (server.address() as AddressInfo).port
    this.#close = () => {
      server.close()
      server.closeAllConnections()
    }
  }

  /** Nobody answers any more; what it holds it keeps. */
  close(): void {
    this.#close()
  }

  offer(
    packet: Uint8Array,
    from: string,
    to: string,
    messageType: MessageType = 'edoc',
    docId?: string,
  ): string {
    return this.store.offer(packet, { from, to, messageType, ...(docId !== undefined && { docId }) })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = request.url?.split('/').at(-1) ?? ''
    const headers = request.headers
    const header = (name: string) => String(headers[`xroadvnpt-${name.toLowerCase()}`] ?? '')
    const call: Call = { operation, header, body: await buffer(request) }
    this.calls.push(operation)
    this.onCall(operation)
    const fault = this.plan.next(operation)
    const moment = fault && momentOf(fault)
    if (moment === 'before') return void spoil(response, fault!, fail('20', 'try later'))
    const wrong = wrongSignature(request.rawHeaders, this.#systemId, this.#secret)
    const answer = wrong === null ? this.#do(call, fault) : fail('15', wrong)
    if (operation === 'updateStatus' && answer === OK) await this.onHeard(header('docId'), header('status'))
    if (moment === 'after') return void spoil(response, fault!, answer)
    if (fault === 'slow') await pause(50)
    write(response, fault === 'null-codes' ? { ...answer, ErrorCode: null, ErrorDesc: null } : answer)
  }

  #do(call: Call, fault: FaultName | null): Answer {
    const operations: Record<string, () => Answer> = {
      getReceivedEdocList: () => this.#list(call, fault),
      getEdoc: () => this.#give(call, fault),
      updateStatus: () => this.#hear(call, fault),
      sendEdoc: () => this.#take(call),
      getSentEdocList: () => this.#listSent(call),
    }
    return operations[call.operation]?.() ?? fail('10', `no such operation: ${call.operation}`)
  }

  #list({ header }: Call, fault: FaultName | null): Answer {
    const messageType = header('messagetype')
    const found = this.store.list(messageType)
    if (fault === 'list-forgets') this.store.forgetFor(FORGETTING, found)
    const [first] = found
    if (fault === 'listed-twice' && first && !first.docId.endsWith('-again'))
      this.store.offerAgain(first.docId)
    const kept = fault === 'list-omits' ? found.filter((_, index) => index % 2 === 0) : found
    const items = kept.map(listItem)
    return { ...OK, data: fault === 'list-repeats' ? [...items, ...items] : items }
  }

  #give({ header }: Call, fault: FaultName | null): Answer {
    const held = this.store.held.get(header('docId'))
    if (held === undefined) return fail('21', 'no such packet')
    held.fetches += 1
    const packet = fault === 'rewritten' ? rewritten(held.packet, held.fetches % 10) : held.packet
    const { docId, messageType } = held
    this.#note({ act: 'gave', docId, messageType, to: [held.to], sha256: digestOf(packet) })
    return { ...OK, data: packet.toString('base64'), ...held.beside }
  }

  #hear({ header }: Call, fault: FaultName | null): Answer {
    const held = this.store.held.get(header('docId'))
    if (held === undefined) return fail('21', 'no such packet')
    held.told.push(header('status'))
    const { docId, messageType } = held
    this.#note({ act: 'heard', docId, messageType, to: [held.to], status: header('status') })
    if (fault === 'done-forgotten') return OK
    held.status = header('status')
    held.description = header('description')
    return OK
  }

  #take({ header, body }: Call): Answer {
    const to = header('to') === '' ? [] : (JSON.parse(header('to')) as string[])
    const messageType = header('messagetype') === 'status' ? 'status' : 'edoc'
    const packet = body.subarray(0, -2)
    const docId = this.store.take(messageType, header('from'), to, packet)
    this.#note({ act: 'took', docId, messageType, to, sha256: digestOf(packet) })
    return { ...OK, DocId: docId }
  }

  #note(entry: Omit<AxisEntry, 'at'>): void {
    this.journal.push({ at: this.journal.length, ...entry })
  }

  #listSent({ header }: Call): Answer {
    const sent = this.store.sent.get(header('docId'))
    const data = [...(sent?.to ?? [])].map((toCode) => ({
      serviceType: 'eDoc',
      messageType: sent!.messageType,
      senderDocId: sent!.docId,
      receiverDocId: `${sent!.docId}-${toCode}`,
      fromCode: sent!.from,
      toCode,
      sendStatus: 'done',
      receiveStatus: 'done',
    }))
    return { ...OK, data }
  }
}

const listItem = ({ docId, messageType, from, to, status }: Held): Answer => ({
  docId,
  serviceType: 'eDoc',
  messageType,
  created_time: '2026/11/20 09:00:00',
  updated_time: '2026/11/20 09:00:00',
  from,
  to,
  status,
  status_desc: null,
})

function write(response: ServerResponse, answer: Answer): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
}

/** How an answer is lost, or never comes. */
function spoil(response: ServerResponse, fault: FaultName, answer: Answer): void {
  const text = JSON.stringify(answer)
  if (fault === 'fail-20') return void write(response, answer)
  if (fault === 'empty-body') return void response.end()
  if (fault === 'broken-json') return void response.end(text.slice(0, Math.floor(text.length / 2)))
  if (fault === 'html-502') return void response.writeHead(502).end('<html><h1>502 Bad Gateway</h1></html>')
  // The client's own patience ends it.
  if (fault === 'timeout-after') return
  if (fault === 'wrong-length') {
    response.writeHead(200, { 'content-length': Buffer.byteLength(text) + 10 })
    response.write(text)
  }
  response.destroy()
}
