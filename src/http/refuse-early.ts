import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Admission } from '../admission/admission.ts'
import type { Caller } from '../domain/caller.ts'
import type { GatewayError, ProblemCode } from '../domain/problem.ts'
import { isMostUrgent, rateLimitHeaders } from './admit.ts'
import { onceOver } from './once-over.ts'
import { preferredLanguage, problemDocument } from './problem.ts'
import type { Stopping } from './refuse-while-closing.ts'

/** Tokens of which it is remembered whose they are. */
const MOST = 10_000
/** Where documents are handed in. */
const SUBMISSIONS = /^\/v1\/documents(?:\/[^/]+\/(?:update|replace))?(?:\?|$)/

/**
 * Milliseconds after which a refusal is told on a connection that stays open. Who keeps to Retry-After does not notice; who
 * asks again at once on each connection would have the processor tell him no instead of taking documents in.
 */
const NO_AFTER_MS = 250

/** What was refused, for who counts. */
export interface EarlyRefusal {
  readonly code: ProblemCode
  readonly status: number
  readonly method: string
  /** Whether a document was to be handed in. */
  readonly handsIn: boolean
  /** From the request to its answer. */
  readonly seconds: number
}

/**
 * Refuses before anything else is done with a request what would be refused anyway: where there is ten times too much to
 * do, saying no must cost next to nothing. Whose request it is says a token that was good a moment ago; it is not looked at
 * again, for nothing is given for it.
 */
export class EarlyRefusals {
  readonly #admission: Pick<Admission, 'refusal' | 'arrive'>
  readonly #stopping: Readonly<Stopping>
  readonly #callers = new Map<string, Caller>()
  /** Told of each. */
  onRefusal: (refusal: EarlyRefusal) => void = () => undefined

  constructor(admission: Pick<Admission, 'refusal' | 'arrive'>, stopping: Readonly<Stopping>) {
    this.#admission = admission
    this.#stopping = stopping
  }

  /** Remembers whose tokens come. */
  watch(app: FastifyInstance): void {
    app.addHook('preParsing', ({ caller, headers: { authorization } }, _reply, payload, done) => {
      if (caller?.role === 'agency' && authorization !== undefined) this.#remember(authorization, caller)
      done(null, payload)
    })
  }

  #remember(authorization: string, caller: Caller): void {
    if (this.#callers.size >= MOST) this.#callers.clear()
    this.#callers.set(authorization, caller)
  }

  /** A listener that does what `handler` does, for those who are not refused. */
  before(handler: RequestListener): RequestListener {
    return (request, response) => {
      const caller = this.#callers.get(request.headers.authorization ?? '')
      if (caller === undefined) return handler(request, response)
      const handsIn = request.method === 'POST' && SUBMISSIONS.test(request.url ?? '')
      const urgent = isMostUrgent(request.headers.priority)
      const error = this.#admission.refusal(caller, { handsIn, urgent })
      if (error !== undefined) return this.#refuse(request, response, { error, handsIn })
      if (handsIn) onceOver(response, this.#admission.arrive(caller))
      return handler(request, response)
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refused: Omit<Refused, 'at'>): void {
    const told = { ...refused, at: performance.now() }
    if (this.#closesAfter(request)) this.#tell(request, response, told)
    else {
      // What is read is thrown away: it would lie in memory meanwhile.
      request.resume()
      setTimeout(() => this.#tell(request, response, told), NO_AFTER_MS)
    }
  }

  /** Nothing that the application does at a stop is done here: see `refuseWhileClosing`. */
  #closesAfter(request: IncomingMessage): boolean {
    return this.#stopping.begun || !isShort(request)
  }

  #tell(request: IncomingMessage, response: ServerResponse, { error, handsIn, at }: Refused): void {
    if (response.destroyed) return
    const status = answer(request, response, { error, closes: this.#closesAfter(request) })
    const seconds = (performance.now() - at) / 1_000
    this.onRefusal({ code: error.code, status, method: request.method ?? '', handsIn, seconds })
  }
}

interface Refused {
  readonly error: GatewayError
  readonly handsIn: boolean
  /** When it was, by the monotonic clock in ms. */
  readonly at: number
}

interface Answer {
  readonly error: GatewayError
  /** Whether the connection ends with it. */
  readonly closes: boolean
}

/** @returns the status */
function answer(request: IncomingMessage, response: ServerResponse, { error, closes }: Answer): number {
  const language = preferredLanguage(request.headers['accept-language'])
  const { status, before, after, bytes } = preparedFor(error, language)
  response.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-language': language,
    'content-length': bytes,
    'retry-after': String(error.retryAfter ?? 1),
    ...rateLimitOf(error),
    ...(closes && { connection: 'close' }),
  })
  response.end(before + randomUUID() + after)
  return status
}

/** A problem document but for its `traceId`, and its length in bytes with one. */
interface Prepared {
  readonly status: number
  readonly before: string
  readonly after: string
  readonly bytes: number
}

/** By what is told: of one error, which many are told, the document is made once. Those that name a limit are told once. */
const PREPARED = {
  vi: new WeakMap<GatewayError, Prepared>(),
  en: new WeakMap<GatewayError, Prepared>(),
} as const
const SOME_TRACE = '00000000-0000-0000-0000-000000000000'

function preparedFor(error: GatewayError, language: keyof typeof PREPARED): Prepared {
  const known = PREPARED[language].get(error)
  if (known !== undefined) return known
  const document = problemDocument(error, SOME_TRACE, language)
  const body = JSON.stringify(document)
  const [before = '', after = ''] = body.split(SOME_TRACE)
  const prepared = { status: document.status, before, after, bytes: Buffer.byteLength(body) }
  if (error.limit === undefined) PREPARED[language].set(error, prepared)
  return prepared
}

/** Where the requests of a minute are used up, what every other answer tells of them, too. */
function rateLimitOf({ limit, retryAfter = 1 }: GatewayError): Record<string, string> {
  if (limit?.name !== 'requestsPerMinute') return {}
  return rateLimitHeaders(limit.quota, { remaining: 0, seconds: retryAfter })
}

const SHORT = 262_144

/**
 * A body that is short, as of most documents, is read to its end and thrown away; for a long one a new connection (with TLS:
 * its handshake) is cheaper. Without a length it comes in pieces, however many, or there is none.
 */
const isShort = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) < SHORT
