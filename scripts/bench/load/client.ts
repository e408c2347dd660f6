import { Readable } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'
import type { Party } from './agencies.ts'

/** Milliseconds since 1970 by a clock that does not step, alike in all processes of the machine. */
export const instant = (): number => performance.timeOrigin + performance.now()

/** Tokens live ten minutes. */
const RENEW_AFTER_MS = 5 * 60_000
const CONNECTIONS = 64
const PATIENCE_MS = 60_000

export interface Answer {
  readonly status: number
  readonly body: Buffer
  /** When the first byte had come. */
  readonly beganAt: number
}

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: readonly Buffer[]
}

type Requester = Pick<Dispatcher, 'request'>

export type Ask = (party: Party, request: Request) => Promise<Answer>

/** Pieces that are short in sum go in one write. */
const MOST_JOINED = 256 * 1024

const bodyOf = (pieces: readonly Buffer[]): Buffer | Readable =>
  pieces.reduce((sum, piece) => sum + piece.length, 0) <= MOST_JOINED
    ? Buffer.concat(pieces)
    : Readable.from(pieces, { objectMode: false })

/** Asks the APIs in turn, over connections that stay open, as each agency with a token of its own. */
export function connect(urls: readonly string[]): Ask {
  const pools = urls.map(
    (url) =>
      new Pool(url, { connections: CONNECTIONS, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS }),
  )
  let turn = 0
  const next = () => pools[turn++ % pools.length]!
  const tokens = new Map<string, { readonly token: Promise<string>; readonly at: number }>()
  const bearer = (party: Party): Promise<string> => {
    const known = tokens.get(party.code)
    if (known !== undefined && performance.now() - known.at < RENEW_AFTER_MS) return known.token
    const token = fetchToken(next(), party)
    tokens.set(party.code, { token, at: performance.now() })
    return token
  }
  return async (party, { method, path, headers = {}, body }) => {
    const authorization = `Bearer ${await bearer(party)}`
    const length = body === undefined ? {} : { 'content-length': String(lengthOf(body)) }
    const answer = await next().request({
      method,
      path,
      headers: { authorization, ...length, ...headers },
      ...(body !== undefined && { body: bodyOf(body) }),
    })
    const beganAt = instant()
    return { status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()), beganAt }
  }
}

const lengthOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** A token of an agency's client (client credentials). */
export async function fetchToken(http: Requester, { code, credentials }: Party): Promise<string> {
  const { clientId, clientSecret } = credentials
  const { statusCode, body } = await http.request({
    method: 'POST',
    path: '/oauth2/token',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`no token for ${code}: ${statusCode} ${text}`)
  return String(JSON.parse(text).access_token)
}
