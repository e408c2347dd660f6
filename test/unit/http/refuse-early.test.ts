import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { fastify } from 'fastify'
import t from 'tap'
import type { Admission } from '../../../src/admission/admission.ts'
import { overloaded, tooOften } from '../../../src/admission/words.ts'
import type { GatewayError } from '../../../src/domain/problem.ts'
import { type EarlyRefusal, EarlyRefusals } from '../../../src/http/refuse-early.ts'
import { callerOf } from '../../support/caller-of.ts'
import { waitFor } from '../../support/wait-for.ts'

type Refused = Parameters<Admission['refusal']>[1]

/** A server behind early refusals: what it is asked reaches a handler that counts, or does not. */
async function served(t: Tap) {
  const told: EarlyRefusal[] = []
  const asked: Refused[] = []
  const state = {
    reached: 0,
    underWay: 0,
    refusal: undefined as GatewayError | undefined,
    /** What happens as somebody is refused, before he is told. */
    atRefusal: () => undefined as unknown,
  }
  const admission: Pick<Admission, 'refusal' | 'arrive'> = {
    refusal: (_caller, request) => {
      asked.push(request)
      if (state.refusal !== undefined) state.atRefusal()
      return state.refusal
    },
    arrive: () => {
      state.underWay += 1
      return () => {
        state.underWay -= 1
      }
    },
  }
  const stopping = { begun: false }
  const refusals = new EarlyRefusals(admission, stopping)
  refusals.onRefusal = (refusal) => void told.push(refusal)
  const app = fastify({ serverFactory: (handler) => createServer(refusals.before(handler)) })
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    if (request.headers.authorization === 'Bearer good') request.caller = callerOf('H81')
  })
  refusals.watch(app)
  app.all('/*', async ({ headers }) => {
    state.reached += 1
    if (headers['x-held'] !== undefined) await new Promise(() => undefined)
    return { underWay: state.underWay }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const ask = (path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: 'Bearer good', ...headers },
      ...(body !== undefined && { body }),
    })
  return { ask, told, asked, state, port, stopping }
}

type Tap = typeof t

t.test('who is not known yet is never refused here', async (t) => {
  const { ask, state, asked } = await served(t as Tap)
  state.refusal = overloaded(3)
  t.equal((await ask('/v1/inbox', { authorization: 'Bearer other' })).status, 200)
  t.equal((await ask('/v1/inbox')).status, 200, 'the token was not seen before')
  t.equal(asked.length, 0)
  t.equal((await ask('/v1/inbox')).status, 503, 'now it was')
  t.equal(state.reached, 2)
})

t.test('a refusal says when to come again, in both languages, and is told to who counts', async (t) => {
  const { ask, state, told } = await served(t as Tap)
  await ask('/v1/inbox')
  state.refusal = overloaded(7)
  const answer = await ask('/v1/documents', { 'accept-language': 'en' }, '<x/>')
  t.equal(answer.status, 503)
  t.equal(answer.headers.get('retry-after'), '7')
  t.equal(answer.headers.get('content-language'), 'en')
  t.equal(answer.headers.get('ratelimit'), null, 'nothing is known of what is left')
  t.match(await answer.json(), { code: 'overloaded', retryable: true, texts: { vi: {}, en: {} } })
  t.match(told, [{ code: 'overloaded', status: 503, method: 'POST', handsIn: true, seconds: Number }])
  t.equal(told.length, 1)
  t.equal(state.reached, 1)
})

t.test(
  'on a connection that stays open a refusal is told a little later, before its end at once',
  async (t) => {
    const { ask, state, stopping, told } = await served(t as Tap)
    await ask('/v1/inbox')
    const took = async (refusal: GatewayError, body = '<x/>') => {
      state.refusal = refusal
      const began = performance.now()
      await (await ask('/v1/documents', {}, body)).text()
      return performance.now() - began
    }
    // A timer of 250 ms fires up to two milliseconds early.
    t.ok((await took(overloaded(3))) >= 248)
    t.ok((await took(tooOften('H81', 600, { allowed: false, remaining: 0, seconds: 4 }))) >= 248)
    t.ok(
      told.every(({ seconds }) => seconds >= 0.248),
      'who counts is told how long it took',
    )
    // What is told at once may still come late where the machine is busy: once in some is enough.
    await waitFor(async () => (await took(overloaded(3), 'x'.repeat(262_144))) < 248)
    stopping.begun = true
    await waitFor(async () => (await took(overloaded(3))) < 248)
  },
)

t.test('who has gone meanwhile is told nothing, and counts as nothing', async (t) => {
  const { ask, state, told, port } = await served(t as Tap)
  await ask('/v1/inbox')
  state.refusal = overloaded(3)
  const client = connect(port, '127.0.0.1').on('error', () => undefined)
  const gone = new Promise<void>((resolve) => {
    state.atRefusal = () => {
      client.resetAndDestroy()
      state.atRefusal = () => undefined
      resolve()
    }
  })
  client.write(
    'POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Length: 0\r\n\r\n',
  )
  await gone
  await (await ask('/v1/documents', {}, '<x/>')).text()
  t.equal(told.length, 1, 'the second alone')
})

t.test('many are told the same, each in his language and with a trace of his own', async (t) => {
  const { ask, state } = await served(t as Tap)
  await ask('/v1/inbox')
  const told = async (seconds: number, language: string) => {
    state.refusal = overloaded(seconds)
    const answer = await ask('/v1/documents', { 'accept-language': language }, '<x/>')
    const { title, traceId } = (await answer.json()) as { title: string; traceId: string }
    return { title, traceId, after: answer.headers.get('retry-after') }
  }
  const answers = [await told(2, 'vi'), await told(2, 'en'), await told(2, 'vi'), await told(9, 'vi')]
  t.strictSame(
    answers.map(({ title }) => title),
    ['Trục đang quá tải', 'The gateway has more to do than it can', 'Trục đang quá tải', 'Trục đang quá tải'],
  )
  t.strictSame(
    answers.map(({ after }) => after),
    ['2', '2', '2', '9'],
  )
  t.equal(new Set(answers.map(({ traceId }) => traceId)).size, 4)
  for (const { traceId } of answers) t.match(traceId, /^(?!0{8})[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})

t.test('who has used up his requests is told so in the headers of every other answer', async (t) => {
  const { ask, state, told } = await served(t as Tap)
  await ask('/v1/inbox')
  state.refusal = tooOften('H81', 600, { allowed: false, remaining: 0, seconds: 4 })
  const { status, headers } = await ask('/v1/inbox')
  t.equal(status, 429)
  t.equal(headers.get('ratelimit-policy'), '"requests";q=600;w=60')
  t.equal(headers.get('ratelimit'), '"requests";r=0;t=4')
  t.match(told, [{ code: 'rate-limited', handsIn: false }])
})

t.test(
  'a connection is closed behind a long body, and behind each answer of a process that stops',
  async (t) => {
    const { ask, state, stopping } = await served(t as Tap)
    await ask('/v1/inbox')
    state.refusal = overloaded(3)
    const connection = async (body?: string) =>
      (await ask('/v1/documents', {}, body)).headers.get('connection')
    t.equal(await connection(), 'keep-alive')
    t.equal(await connection('<x/>'), 'keep-alive')
    t.equal(await connection('x'.repeat(262_143)), 'keep-alive')
    t.equal(await connection('x'.repeat(262_144)), 'close')
    stopping.begun = true
    t.equal(await connection(), 'close')
    t.equal(await connection('<x/>'), 'close')
  },
)

t.test(
  'hand-ins are known by path and method, urgent ones by their priority; they count until answered',
  async (t) => {
    const { ask, asked, state } = await served(t as Tap)
    await ask('/v1/inbox')
    const held = await (await ask('/v1/documents/0198/update?x=1', { priority: 'u=0' }, '<x/>')).json()
    t.strictSame(held, { underWay: 1 })
    await waitFor(() => state.underWay === 0)
    await ask('/v1/documents')
    await ask('/v1/documents/0198/other', {}, '<x/>')
    t.strictSame(asked, [
      { handsIn: true, urgent: true },
      { handsIn: false, urgent: false },
      { handsIn: false, urgent: false },
    ])
  },
)

t.test('hand-ins that come one behind the other on a connection that dies count no more', async (t) => {
  const { ask, state, port } = await served(t as Tap)
  await ask('/v1/inbox')
  const client = connect(port, '127.0.0.1').on('error', () => undefined)
  const head = 'POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nX-Held: 1\r\n'
  client.write(`${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`.repeat(3))
  await waitFor(() => state.underWay === 3)
  client.resetAndDestroy()
  await waitFor(() => state.underWay === 0)
})
