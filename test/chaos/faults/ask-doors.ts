import { Agent, request } from 'undici'
import { createClient } from '../../../src/directory/clients.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { type Submission, submissionsOf } from './new-submissions.ts'

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
/** In whose name is asked. */
const AGENCY = 'G83'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CREDENTIALS = 'grant_type=client_credentials'

export interface Question {
  readonly name: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

interface Found {
  readonly status: number
  readonly retryAfter: number | null
  readonly text: string
}

/** Asks every door of every API twice a second, one question after the other at each; one of them hands in documents. */
export async function askDoors(world: World): Promise<Asking> {
  const { pool, members } = world
  const agent = new Agent({ headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS })
  const apis = members.filter(({ kind }) => kind === 'api')
  const { questions, bearer } = await questionsTo(pool, apis[0]!.url)
  const agency = (question: Question) => ({ ...question.headers, authorization: bearer })
  const asked: Asked[] = []
  let stopped = false

  async function ask(door: string, url: string, { path, ...more }: Question): Promise<Found> {
    const at = Date.now()
    const found = await request(url + path, {
      ...more,
      method: more.body === undefined ? 'GET' : 'POST',
      dispatcher: agent,
    })
      .then(async ({ statusCode, headers, body }) => {
        const after = Number(headers['retry-after'])
        return { status: statusCode, retryAfter: Number.isNaN(after) ? null : after, text: await body.text() }
      })
      .catch((error: unknown) => ({ status: 0, retryAfter: null, text: String(error) }))
    const { status, retryAfter } = found
    asked.push({ door, at, until: Date.now(), status, retryAfter })
    return found
  }
  const lanes = apis.flatMap(({ name, url }) =>
    questions.map(async (question) => {
      while (!stopped) {
        await ask(`${name} ${question.name}`, url, question)
        await pause(PAUSE_MS)
      }
    }),
  )
  /** As a document system does: the same one again until it is answered, and then the next one. */
  const handIn = async (name: string, url: string, next: () => Promise<Submission>) => {
    while (!stopped) {
      const { question, answered } = await next()
      for (;;) {
        const { status, text } = await ask(`${name} submission`, url, {
          ...question,
          headers: agency(question),
        })
        if (answered(status, text) || world.over.aborted) break
        await pause(PAUSE_MS)
      }
      await pause(PAUSE_MS)
    }
  }
  const submitting = apis.map(({ name, url }, index) =>
    handIn(name, url, submissionsOf(world, AGENCY, index)),
  )
  return {
    asked,
    async stop() {
      stopped = true
      await Promise.all([...lanes, ...submitting])
      await agent.close()
    },
  }
}

async function questionsTo(
  pool: World['pool'],
  url: string,
): Promise<{ questions: Question[]; bearer: string }> {
  const tokens = new Map<string, string>()
  let authorization = ''
  for (const role of ['agency', 'admin', 'auditor'] as const) {
    const clientId = `trial.${role}`
    const agency = role === 'agency' ? agencyCode(AGENCY) : null
    const { secret } = await createClient(pool, { clientId, role, agency, name: clientId }, 'test')
    authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
    const headers = { ...FORM, authorization }
    const { body } = await request(`${url}/oauth2/token`, { method: 'POST', headers, body: CREDENTIALS })
    const { access_token: token } = (await body.json()) as { access_token: string }
    tokens.set(role, `Bearer ${token}`)
  }
  const as = (role: string) => ({ authorization: tokens.get(role)! })
  const questions = [
    { name: 'readiness', path: '/readyz' },
    { name: 'token', path: '/oauth2/token', headers: { ...FORM, authorization }, body: CREDENTIALS },
    { name: 'inbox', path: '/v1/inbox', headers: as('agency') },
    { name: 'long poll', path: '/v1/inbox?wait=2&kind=status', headers: as('agency') },
    { name: 'documents', path: '/v1/documents', headers: as('agency') },
    { name: 'administration', path: '/admin/v1/deliveries', headers: as('admin') },
    { name: 'audit', path: '/auditor/v1/documents', headers: as('auditor') },
  ]
  return { questions, bearer: tokens.get('agency')! }
}
