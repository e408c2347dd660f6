import { type Dispatcher, FormData, Response, request } from 'undici'
import { createClient } from '../../src/directory/clients.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import type { TestGateway } from './gateway.ts'
import { type AppOptions, bearer, type HttpApp, serveApp, takeToken } from './http-app.ts'
import type { Teardown } from './temporary-folder.ts'

/** The fields of an answer that tests look into; each test asserts what it needs. */
export interface AnswerBody {
  readonly code: string
  readonly detail: string
  readonly documentId: string
  readonly deliveryId: string
  readonly edxmlDocumentId: string
  readonly receipt: string
  readonly packetSha256: string
  readonly state: string
  readonly claimToken: string
  readonly nextCursor: string | null
  readonly position: string
  readonly warnings: readonly object[]
  readonly errors: readonly { readonly code: string; readonly path: string; readonly found?: string }[]
  readonly recipients: readonly { readonly agency: string; readonly deliveryId: string }[]
  readonly withdrawn: readonly { readonly agency: string }[]
  readonly asked: readonly { readonly agency: string }[]
  readonly outcomes: readonly { readonly agency: string; readonly outcome: string }[]
  readonly addressedAs?: readonly { readonly code: string }[]
  readonly entries?: readonly { readonly kind: string }[]
  readonly items: readonly (AnswerBody & { readonly agency: string; readonly number: number })[]
  readonly deliveries: AnswerBody
}

export interface DoorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  /** Throws where the answer is no JSON. */
  readonly body: AnswerBody
}

export interface Sending {
  /** An object is sent as JSON. */
  readonly body?: object | string | Buffer | FormData
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The system of one agency, which talks to the gateway over HTTP with a token of its own. Paths begin after `/v1`. */
export type AgencySystem = (
  method: Dispatcher.HttpMethod,
  path: string,
  sending?: Sending,
) => Promise<DoorAnswer>

export interface AgencyDoor {
  readonly served: HttpApp
  readonly system: (agency: string) => AgencySystem
  readonly token: (agency: string) => string
}

export async function agencyDoor(
  t: Teardown,
  gateway: TestGateway,
  agencies: readonly string[],
  options: AppOptions = {},
): Promise<AgencyDoor> {
  const served = await serveApp(t, gateway, options)
  const tokens = new Map<string, string>()
  for (const agency of agencies) {
    const client = {
      clientId: `system.${agency}`,
      role: 'agency' as const,
      agency: agencyCode(agency),
      name: agency,
    }
    const { secret } = await createClient(gateway.api.pool, client, 'test')
    tokens.set(agency, await takeToken(served, client.clientId, secret ?? ''))
  }
  const token = (agency: string) => tokens.get(agency) ?? ''
  const system =
    (agency: string): AgencySystem =>
    (method, path, sending = {}) =>
      send(`${served.url}/v1${path}`, method, token(agency), sending)
  return { served, system, token }
}

async function send(
  url: string,
  method: Dispatcher.HttpMethod,
  token: string,
  { body, type, headers, signal }: Sending,
): Promise<DoorAnswer> {
  if (body instanceof FormData) {
    // Whole: on Node 24 a form that undici streams is never sent to its end.
    const form = new Response(body)
    const whole = {
      body: Buffer.from(await form.arrayBuffer()),
      type: form.headers.get('content-type') ?? '',
    }
    return send(url, method, token, { ...whole, ...(headers && { headers }), ...(signal && { signal }) })
  }
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const mediaType = type ?? (body === undefined || isRaw ? undefined : 'application/json')
  const answer = await request(url, {
    method,
    headers: {
      ...bearer(token),
      ...(mediaType === undefined ? {} : { 'content-type': mediaType }),
      ...headers,
    },
    body: body === undefined || isRaw ? body : JSON.stringify(body),
    signal,
  })
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes,
    get body() {
      return JSON.parse(bytes.toString('utf8')) as AnswerBody
    },
  }
}
