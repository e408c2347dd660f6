type RequestBody = NonNullable<RequestInit['body']>

/** One system's access to a door of the gateway, as an integrator would write it: a token, then plain HTTP. */
export interface HttpClient {
  readonly baseUrl: string
  get<T>(path: string): Promise<T>
  getBytes(path: string): Promise<Buffer>
  post<T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<T>
  put<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T>
  /** Sends bytes and gives the answer whatever its status. */
  send(path: string, body: RequestBody, headers: Record<string, string>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** A request that the gateway refused, with its problem document. */
export class Refused extends Error {
  readonly status: number
  readonly problem: Record<string, unknown>

  constructor(method: string, path: string, answer: Answer) {
    super(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    this.status = answer.status
    this.problem = answer.body
  }
}

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

/** Tokens live ten minutes; a new one is fetched well before. */
const RENEW_AFTER_MS = 5 * 60_000

export function httpClient(baseUrl: string, { clientId, clientSecret }: Credentials): HttpClient {
  let token: Promise<string> | undefined
  let fetchedAt = 0

  const bearer = (): Promise<string> => {
    if (token === undefined || Date.now() - fetchedAt > RENEW_AFTER_MS) {
      fetchedAt = Date.now()
      token = requestToken(baseUrl, clientId, clientSecret)
    }
    return token
  }

  async function call(
    method: string,
    path: string,
    body?: RequestBody,
    headers: Record<string, string> = {},
  ) {
    return fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${await bearer()}`, ...headers },
      ...(body === undefined ? {} : { body }),
    })
  }

  async function json<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response =
      body === undefined
        ? await call(method, path, undefined, headers)
        : await call(method, path, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
    const answer = await readAnswer(response)
    if (response.status >= 400) throw new Refused(method, path, answer)
    return answer.body as T
  }

  return {
    baseUrl,
    get: (path) => json('GET', path),
    post: (path, body, headers) => json('POST', path, body, headers),
    put: (path, body, headers) => json('PUT', path, body, headers),
    send: async (path, body, headers) => readAnswer(await call('POST', path, body, headers)),
    async getBytes(path) {
      const response = await call('GET', path)
      if (response.status >= 400) throw new Refused('GET', path, await readAnswer(response))
      return Buffer.from(await response.arrayBuffer())
    },
  }
}

async function requestToken(baseUrl: string, clientId: string, clientSecret: string): Promise<string> {
  const response = await fetch(`${baseUrl}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const answer = await readAnswer(response)
  if (response.status !== 200) throw new Refused('POST', '/oauth2/token', answer)
  return String(answer.body.access_token)
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}
