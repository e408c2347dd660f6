import t from 'tap'
import { Agent, request } from 'undici'
import { freePort } from '../../scripts/services/free-port.ts'
import { createClient } from '../../src/directory/clients.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { basic, FORM } from '../support/http-app.ts'
import { spawnTram } from '../support/spawn-tram.ts'

const gateway = await testGateway(t)
const client = {
  clientId: 'dms.h90.hand-over',
  role: 'agency',
  agency: agencyCode('H90'),
  name: 'DMS',
} as const
const { secret } = await createClient(gateway.api.pool, client, 'test')

async function serve(seconds: string, more: Record<string, string> = {}) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const variables = {
    ...gateway.variables,
    TRAM_LOG_LEVEL: 'info',
    ...more,
    TRAM_PORT: String(port),
    TRAM_PUBLIC_URL: url,
  }
  const api = await spawnTram(t, ['serve'], { ...variables, TRAM_HAND_OVER_SECONDS: seconds })
  const dispatcher = new Agent({ connections: 4 })
  t.teardown(() => dispatcher.close())
  const ask = async (path: string, headers: Record<string, string> = {}, body?: string) => {
    const method = body === undefined ? 'GET' : 'POST'
    const answer = await request(url + path, { method, headers, dispatcher, ...(body && { body }) })
    return {
      status: answer.statusCode,
      connection: answer.headers.connection,
      text: await answer.body.text(),
    }
  }
  const grant = 'grant_type=client_credentials'
  const token = await ask('/oauth2/token', { ...FORM, authorization: basic(client.clientId, secret!) }, grant)
  const authorization = `Bearer ${JSON.parse(token.text).access_token}`
  return { api, ask, authorization }
}

t.test('an API that was told to stop serves on, not ready, until nobody asks it', async (t) => {
  const { api, ask, authorization } = await serve('4')
  t.match(await ask('/readyz'), { status: 200, connection: 'keep-alive' })
  const polled = ask('/v1/inbox?wait=25', { authorization })
  const at = performance.now()
  api.signal('SIGTERM')
  await api.waitForLog(({ msg }) => msg === 'API stopping')
  t.match(
    await ask('/readyz'),
    { status: 503, text: /"stopping"/ },
    'at once, though it was ready just before',
  )
  for (let asked = 0; performance.now() - at < 1_500; asked += 1)
    t.match(
      await ask('/v1/inbox', { authorization }),
      { status: 200, connection: 'close' },
      `question ${asked}`,
    )
  t.match(
    await polled,
    { status: 200, connection: 'close' },
    'who waits for something to come is answered, too',
  )
  t.ok(performance.now() - at >= 3_900, 'at the end')
  t.equal((await api.ended).code, 0)
  t.ok(performance.now() - at < 10_000)
})

t.test('who is refused before anything is read is sent away from it, too', async (t) => {
  const { api, ask, authorization } = await serve('4', { TRAM_RATE_LIMIT: '3' })
  const untilRefused = async (connection: string) => {
    for (let asked = 0; asked < 10; asked += 1) {
      const answer = await ask('/v1/inbox', { authorization })
      t.equal(answer.connection, connection, String(answer.status))
      if (answer.status === 429) return
    }
    t.fail('it was never refused')
  }
  await untilRefused('keep-alive')
  await untilRefused('keep-alive')
  api.signal('SIGTERM')
  await api.waitForLog(({ msg }) => msg === 'API stopping')
  await untilRefused('close')
  t.equal((await api.ended).code, 0)
})

t.test('without a time for handing over it stops at once', async (t) => {
  const { api } = await serve('0')
  const at = performance.now()
  t.equal((await api.kill('SIGTERM')).code, 0)
  t.ok(performance.now() - at < 5_000)
})
