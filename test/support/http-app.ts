import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type Agent, request } from 'undici'
import { createAdmission } from '../../src/admission/admission.ts'
import { defaultLimits } from '../../src/context/default-limits.ts'
import { type ApiContext, createLog } from '../../src/context.ts'
import { createClient } from '../../src/directory/clients.ts'
import type { Role } from '../../src/domain/caller.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { buildApp } from '../../src/http/app.ts'
import { DOOR_PREFIXES } from '../../src/http/auth/audience.ts'
import { authenticate } from '../../src/http/auth/authenticate.ts'
import type { Door } from '../../src/http/door.ts'
import type { TestGateway } from './gateway.ts'
import type { Teardown } from './temporary-folder.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON; throws where it is none. */
  json(): Record<string, unknown>
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly dispatcher?: Agent
}

export interface HttpApp {
  readonly app: FastifyInstance
  readonly url: string
  readonly context: ApiContext
  /** Everything that was logged, as written. */
  readonly logged: () => string
  ask(path: string, ask?: Ask): Promise<Answer>
}

export interface AppOptions {
  readonly http?: Partial<ApiContext['config']['http']>
  readonly context?: Partial<ApiContext>
  /** Done before the application listens. */
  readonly prepare?: (app: FastifyInstance) => unknown
}

/**
 * The whole application, listening on a free port of the loopback, with one more route behind each door: `probe`, which
 * tells the caller (GET) or takes a small JSON body (POST).
 */
export async function serveApp(
  t: Teardown,
  gateway: TestGateway,
  options: AppOptions = {},
): Promise<HttpApp> {
  const lines: string[] = []
  const base = gateway.api.config
  const config = { ...base, logLevel: 'debug', http: { ...base.http, ...options.http } }
  const log = createLog(config, { write: (line: string) => void lines.push(line) })
  const admission = createAdmission({ pool: gateway.api.pool, defaults: defaultLimits(config) })
  t.teardown(() => admission.close())
  const context: ApiContext = { ...gateway.api, admission, ...options.context, config, log }
  const app = await buildApp(context)
  for (const role of Object.keys(DOOR_PREFIXES) as Role[]) {
    await app.register(probe(role), { context, prefix: DOOR_PREFIXES[role] })
  }
  options.prepare?.(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const [address] = app.addresses()
  if (typeof address !== 'object') throw new Error('the application listens nowhere')
  const url = `${config.http.tls === null ? 'http' : 'https'}://localhost:${address.port}`
  return { app, url, context, logged: () => lines.join(''), ask: (path, ask) => askUrl(url + path, ask) }
}

const probe =
  (role: Role): Door =>
  async (app, { context }) => {
    app.addHook('onRequest', authenticate(context, role))
    app.get('/probe', (request) => request.caller)
    const body = Type.Object(
      { name: Type.String({ minLength: 2 }), count: Type.Optional(Type.Integer()) },
      { additionalProperties: false },
    )
    const querystring = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1 })) })
    app.post('/probe', { schema: { body, querystring } }, (request) => ({
      ...request.body,
      ...request.query,
    }))
    app.get('/probe/broken', () => {
      throw new Error('canary: the inner workings')
    })
  }

async function askUrl(url: string, { method = 'GET', headers, body, dispatcher }: Ask = {}): Promise<Answer> {
  const answer = await request(url, { method, headers, body, ...(dispatcher ? { dispatcher } : {}) })
  const text = await answer.body.text()
  return { status: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) }
}

/** Adds a client of a role and gives its secret. */
export async function addClient(
  context: ApiContext,
  clientId: string,
  role: Role,
  code = 'H90',
): Promise<string> {
  const agency = role === 'agency' ? agencyCode(code) : null
  const { secret } = await createClient(context.pool, { clientId, role, agency, name: clientId }, 'test')
  return secret ?? ''
}

export const basic = (clientId: string, secret: string): string =>
  `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Asks for a token by client_secret_basic, as a client does. */
export const askToken = (
  served: HttpApp,
  clientId: string,
  secret: string,
  dispatcher?: Agent,
): Promise<Answer> =>
  served.ask('/oauth2/token', {
    method: 'POST',
    headers: { ...FORM, authorization: basic(clientId, secret) },
    body: 'grant_type=client_credentials',
    ...(dispatcher ? { dispatcher } : {}),
  })

export async function takeToken(served: HttpApp, clientId: string, secret: string, dispatcher?: Agent) {
  const answer = await askToken(served, clientId, secret, dispatcher)
  const { access_token: token } = answer.json()
  if (typeof token !== 'string') throw new Error(`no token: ${answer.text}`)
  return token
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Reads one of the development certificates of a test gateway. */
export const devFile = ({ variables }: TestGateway, name: string): string =>
  readFileSync(join(dirname(variables.TRAM_TOKEN_KEY ?? ''), name), 'utf8')
