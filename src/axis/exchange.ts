import { Readable } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, request } from 'undici'
import type { Connector } from '../domain/axis/connector.ts'
import { AxisFault, failureOf } from './axis-fault.ts'
import type { Outcome } from './client-types.ts'
import { AXIS_OPERATIONS, type AxisHeader, type AxisOperation } from './operations.ts'
import { signHeaders } from './sign-headers.ts'
import { tellErrors } from './tell-errors.ts'
import { type TimeLimit, timeLimit } from './time-limit.ts'
import { writeAxisTimestamp } from './timestamp.ts'
import { WIRE_STYLES } from './wire-style.ts'

export interface Asked {
  readonly operation: AxisOperation
  readonly fields: Readonly<Partial<Record<AxisHeader, string>>>
  readonly body?: RequestBody
  readonly signal: AbortSignal | undefined
}

export interface RequestBody {
  /** Bytes. */
  readonly length: number
  readonly content: () => AsyncIterable<Uint8Array>
}

export interface Answer {
  readonly httpStatus: number
  readonly body: AsyncIterable<Uint8Array>
}

/** Wraps what was thrown on this side while an answer was read: it goes to the caller, and is no outcome. */
export class OwnError extends Error {}

/** Another exchange, and the connections to it. */
export interface Exchange {
  /**
   * @param read may throw AxisFault for what is wrong with the answer, and OwnError
   * @throws whatever the content of the body or an OwnError holds, TypeError where a field cannot be a header
   */
  ask<T>(asked: Asked, read: (answer: Answer) => Promise<T>): Promise<Outcome<T>>
  close(): Promise<void>
}

export function openExchange(connector: Connector, now: () => Date): Exchange {
  const agent = agentFor(connector)
  return {
    async ask(asked, read) {
      const headers = headersFor(connector, asked, now())
      const progress: Progress = { mayHaveLeft: asked.body === undefined }
      const limit = timeLimit(connector.timeoutMs, asked.signal)
      try {
        limit.signal.throwIfAborted()
        const answer = await send(agent, connector.url, asked, { headers, limit, progress })
        return { ok: true, value: await reading(answer, read, { limit, progress }) }
      } catch (error) {
        if (progress.ownError) throw progress.ownError.cause
        if (error instanceof OwnError) throw error.cause
        const cause = error instanceof AxisFault ? error : (limit.fault() ?? error)
        return { ok: false, failure: failureOf(cause, progress.mayHaveLeft, progress.httpStatus) }
      } finally {
        limit.clear()
      }
    },
    close: () => agent.destroy(),
  }
}

interface Progress {
  mayHaveLeft: boolean
  httpStatus?: number
  ownError?: OwnError
}

const agentFor = ({ timeoutMs, authorities, clientCertificate }: Connector): Agent =>
  new Agent({
    connect: {
      timeout: timeoutMs,
      // `ca` takes the place of the public authorities, which must stay.
      ...(authorities !== null && { ca: [...rootCertificates, authorities] }),
      ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })

const CONTENT_TYPES = { packet: 'application/octet-stream', other: 'application/json' }

function headersFor(connector: Connector, { operation, fields, body }: Asked, now: Date) {
  const contentType = CONTENT_TYPES[AXIS_OPERATIONS[operation].body === 'packet' ? 'packet' : 'other']
  const signed = signHeaders(
    {
      systemid: connector.systemId,
      ...fields,
      timestamp: writeAxisTimestamp(now),
      'Content-Type': contentType,
    },
    connector.secret,
  )
  return {
    ...signed,
    'Content-Type': contentType,
    'User-Agent': WIRE_STYLES[connector.channel].userAgent,
    'XroadVnpt-version': '3.0.201608',
    'Accept-Encoding': 'identity',
    ...(body && { 'Content-Length': String(body.length) }),
  }
}

interface Underway {
  readonly limit: TimeLimit
  readonly progress: Progress
}

interface Sending extends Underway {
  readonly headers: Record<string, string>
}

/** Redirects are answers like any other: they could lead anywhere. */
const send = (agent: Agent, url: string, asked: Asked, { headers, ...underway }: Sending) =>
  request(`${url.replace(/\/+$/, '')}/${asked.operation}`, {
    method: AXIS_OPERATIONS[asked.operation].method,
    headers,
    ...(asked.body && { body: Readable.from(watched(asked.body, underway), { highWaterMark: 1 }) }),
    dispatcher: agent,
    signal: underway.limit.signal,
  })

/** The body is asked for its first byte only once there is a connection, before the headers leave. */
async function* watched(body: RequestBody, { limit, progress }: Underway): AsyncGenerator<Uint8Array> {
  progress.mayHaveLeft = true
  yield* tellErrors(limit.extendedBy(exactly(body)), (cause) => {
    progress.ownError = new OwnError('the content of the request cannot be read', { cause })
  })
}

async function* exactly({ length, content }: RequestBody): AsyncGenerator<Uint8Array> {
  let left = length
  for await (const piece of content()) {
    left -= piece.length
    if (left < 0) break
    yield piece
  }
  if (left !== 0) throw new RangeError(`the content of the request is not ${length} bytes long`)
}

async function reading<T>(
  { statusCode, body }: Dispatcher.ResponseData,
  read: (answer: Answer) => Promise<T>,
  { limit, progress }: Underway,
): Promise<T> {
  progress.httpStatus = statusCode
  // An answer that nobody reads to its end may break off unheard.
  body.on('error', () => undefined)
  try {
    if (statusCode >= 300 && statusCode < 400) throw new AxisFault('http', `HTTP ${statusCode}: a redirect`)
    return await read({ httpStatus: statusCode, body: limit.extendedBy(body) })
  } finally {
    body.destroy()
  }
}
