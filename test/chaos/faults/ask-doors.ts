import { Agent, request } from 'undici'
import { createClient } from '../../../src/directory/clients.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'

/** An answer of a door, or that there was none. Times are Unix milliseconds; everything runs on one machine. */
export interface Asked {
  /** Such as `api 1 long poll`. */
  readonly door: string
  readonly at: number
  readonly until: number
  /** 0 where the connection broke, was refused, or gave nothing in time. */
  readonly status: number
  /** Seconds; null where the answer does not say. */
  readonly retryAfter: number | null
}

export interface Asking {
  readonly asked: readonly Asked[]
  /** No new questions; resolves when all are answered. */
  stop(): Promise<void>
}

const PAUSE_MS = 500
const PATIENCE_MS = 40_000
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CREDENTIALS = 'grant_type=client_credentials'

interface Question {
  readonly name: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Asks every door of every API twice a second, one question after the other at each. */
export async function askDoors({ pool, members }: World): Promise<Asking> {
  const agent = new Agent({ headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS })
  const apis = members.filter(({ kind }) => kind === 'api')
  const questions = await questionsTo(pool, apis[0]!.url)
  const asked: Asked[] = []
  let stopped = false

  async function ask(door: string, url: string, { path, ...more }: Question): Promise<void> {
    const at = Date.now()
    const found = await request(url + path, {
      ...more,
      method: more.body === undefined ? 'GET' : 'POST',
      dispatcher: agent,
    })
      .then(async ({ statusCode, headers, body }) => {
        await body.dump()
        const after = Number(headers['retry-after'])
        return { status: statusCode, retryAfter: Number.isNaN(after) ? null : after }
      })
      .catch(() => ({ status: 0, retryAfter: null }))
    asked.push({ door, at, until: Date.now(), ...found })
  }
  const lanes = apis.flatMap(({ name, url }) =>
    questions.map(async (question) => {
      while (!stopped) {
        await ask(`${name} ${question.name}`, url, question)
        await pause(PAUSE_MS)
      }
    }),
  )
  return {
    asked,
    async stop() {
      stopped = true
      await Promise.all(lanes)
      await agent.close()
    },
  }
}

async function questionsTo(pool: World['pool'], url: string): Promise<Question[]> {
  const tokens = new Map<string, string>()
  let authorization = ''
  for (const role of ['agency', 'admin', 'auditor'] as const) {
    const clientId = `trial.${role}`
    const agency = role === 'agency' ? agencyCode('G83') : null
    const { secret } = await createClient(pool, { clientId, role, agency, name: clientId }, 'test')
    authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
    const headers = { ...FORM, authorization }
    const { body } = await request(`${url}/oauth2/token`, { method: 'POST', headers, body: CREDENTIALS })
    const { access_token: token } = (await body.json()) as { access_token: string }
    tokens.set(role, `Bearer ${token}`)
  }
  const as = (role: string) => ({ authorization: tokens.get(role)! })
  return [
    { name: 'readiness', path: '/readyz' },
    { name: 'token', path: '/oauth2/token', headers: { ...FORM, authorization }, body: CREDENTIALS },
    { name: 'inbox', path: '/v1/inbox', headers: as('agency') },
    { name: 'long poll', path: '/v1/inbox?wait=2&kind=status', headers: as('agency') },
    { name: 'documents', path: '/v1/documents', headers: as('agency') },
    { name: 'administration', path: '/admin/v1/deliveries', headers: as('admin') },
    { name: 'audit', path: '/auditor/v1/documents', headers: as('auditor') },
  ]
}
