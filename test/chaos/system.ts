import { Pool } from 'undici'
import type { Credentials } from './agencies.ts'
import type { WellApis } from './well-apis.ts'

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** Milliseconds until the first byte of the answer. */
  readonly patienceMs?: number
}

export interface Answer {
  readonly status: number
  readonly body: Buffer
  /** Seconds that the gateway asks to wait; null where it does not say. */
  readonly retryAfter: number | null
}

/** The connections to the APIs of a trial, shared by all systems. Each request goes to the next one. */
export interface Apis {
  /** The URL of the API whose turn it is. */
  next(): string
  ask(url: string, request: Request): Promise<Answer>
  close(): Promise<void>
}

const CONNECTIONS = 32
const PATIENCE_MS = 20_000

/** @param well those whose turn may come; all of them where left out */
export function connectApis(urls: readonly string[], well: Pick<WellApis, 'urls'> = { urls }): Apis {
  const pools = new Map(
    urls.map((url) => [url, new Pool(url, { connections: CONNECTIONS, connect: { timeout: 2_000 } })]),
  )
  let turn = 0
  return {
    next() {
      turn += 1
      return well.urls[turn % well.urls.length]!
    },
    async ask(url, { method, path, headers = {}, body, patienceMs = PATIENCE_MS }) {
      const response = await pools.get(url)!.request({
        method,
        path,
        headers,
        ...(body !== undefined && { body }),
        headersTimeout: patienceMs,
        bodyTimeout: PATIENCE_MS,
      })
      const after = Number(response.headers['retry-after'])
      return {
        status: response.statusCode,
        body: Buffer.from(await response.body.arrayBuffer()),
        retryAfter: Number.isNaN(after) ? null : after,
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

/** One agency's system: it identifies itself, asks the API whose turn it is, and may ask again. */
export interface System {
  readonly code: string
  /** One request to one API. @throws where there is no answer */
  ask(request: Request, url?: string): Promise<Answer>
  /** Asks until there is an answer that says something; null where the trial is over before. */
  persist(
    request: Request,
    unanswered: (status: number | null, error: string, api: string) => void,
  ): Promise<Answer | null>
}

/** Tokens live ten minutes. */
const RENEW_AFTER_MS = 5 * 60_000
/** How long it waits between two requests where it is not told. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

/** @param over ends every system's patience, with the trial */
export function connectSystem(
  apis: Apis,
  code: string,
  { clientId, clientSecret }: Credentials,
  over: AbortSignal,
): System {
  let token: string | null = null
  let fetchedAt = 0
  let fetching: Promise<string> | undefined

  async function fetchToken(url: string): Promise<string> {
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const request = {
      method: 'POST',
      path: '/oauth2/token',
      headers,
      body: 'grant_type=client_credentials',
    } as const
    const { status, body } = await apis.ask(url, request)
    if (status !== 200) throw new Error(`no token: ${status}`)
    token = String(JSON.parse(body.toString()).access_token)
    fetchedAt = performance.now()
    return token
  }
  const bearer = (url: string): string | Promise<string> => {
    if (token !== null && performance.now() - fetchedAt < RENEW_AFTER_MS) return token
    fetching ??= fetchToken(url).finally(() => {
      fetching = undefined
    })
    return fetching
  }
  const ask = async (request: Request, url = apis.next()): Promise<Answer> => {
    const authorization = `Bearer ${await bearer(url)}`
    return apis.ask(url, { ...request, headers: { ...request.headers, authorization } })
  }
  return {
    code,
    ask,
    async persist(request, unanswered) {
      let pauseMs = FIRST_PAUSE_MS
      while (!over.aborted) {
        const api = apis.next()
        const answer = await ask(request, api).catch((error: Error) => error)
        if (!(answer instanceof Error) && saysSomething(answer)) return answer
        const silent = answer instanceof Error
        unanswered(silent ? null : answer.status, silent ? answer.message : codeOf(answer), api)
        const asked = silent ? null : answer.retryAfter
        await pause(asked === null ? pauseMs : asked * 1_000, over)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      }
      return null
    },
  }
}

/** A refusal is an answer; that the gateway is busy or away is none. */
export const saysSomething = ({ status }: Pick<Answer, 'status'>): boolean =>
  status < 500 && status !== 429 && status !== 408

/** @param over ends it early */
export function pause(ms: number, over?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    over?.addEventListener('abort', end, { once: true })
    function end(): void {
      clearTimeout(timer)
      over?.removeEventListener('abort', end)
      resolve()
    }
  })
}

/** The code of a problem document. */
export function codeOf({ body, status }: Pick<Answer, 'body' | 'status'>): string {
  try {
    return String(JSON.parse(body.toString()).code)
  } catch {
    return String(status)
  }
}
