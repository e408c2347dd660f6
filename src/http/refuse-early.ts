import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Admission } from '../admission/admission.ts'
import type { Caller } from '../domain/caller.ts'
import type { GatewayError } from '../domain/problem.ts'
import { isMostUrgent } from './admit.ts'
import { preferredLanguage, problemDocument } from './problem.ts'

/** Tokens of which it is remembered whose they are. */
const MOST = 10_000
/** Where documents are handed in. */
const SUBMISSIONS = /^\/v1\/documents(?:\/[^/]+\/(?:update|replace))?(?:\?|$)/

/**
 * Refuses before anything else is done with a request what would be refused anyway: where there is ten times too much to
 * do, saying no must cost next to nothing. Whose request it is says a token that was good a moment ago; it is not looked at
 * again, for nothing is given for it.
 */
export class EarlyRefusals {
  readonly #admission: Admission
  readonly #callers = new Map<string, Caller>()

  constructor(admission: Admission) {
    this.#admission = admission
  }

  /** Remembers whose tokens come. */
  watch(app: FastifyInstance): void {
    app.addHook('preParsing', async ({ caller, headers: { authorization } }) => {
      if (caller?.role !== 'agency' || authorization === undefined) return
      if (this.#callers.size >= MOST) this.#callers.clear()
      this.#callers.set(authorization, caller)
    })
  }

  /** A listener that does what `handler` does, for those who are not refused. */
  before(handler: RequestListener): RequestListener {
    return (request, response) => {
      const caller = this.#callers.get(request.headers.authorization ?? '')
      if (caller === undefined) return handler(request, response)
      const handsIn = request.method === 'POST' && SUBMISSIONS.test(request.url ?? '')
      const urgent = isMostUrgent(request.headers.priority)
      const error = this.#admission.refusal(caller, { handsIn, urgent })
      if (error !== undefined) return answer(request, response, error)
      if (handsIn) response.once('close', this.#admission.arrive(caller))
      return handler(request, response)
    }
  }
}

function answer(request: IncomingMessage, response: ServerResponse, error: GatewayError): void {
  const language = preferredLanguage(request.headers['accept-language'])
  const document = problemDocument(error, randomUUID(), language)
  const body = JSON.stringify(document)
  response.writeHead(document.status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-language': language,
    'content-length': Buffer.byteLength(body),
    'retry-after': String(error.retryAfter ?? 1),
    // A body that is short is read to its end and thrown away; for a long one a new connection is cheaper.
    ...(isShort(request) ? {} : { connection: 'close' }),
  })
  response.end(body)
}

const SHORT = 65_536

const isShort = ({ headers }: IncomingMessage): boolean => Number(headers['content-length'] ?? SHORT) < SHORT
