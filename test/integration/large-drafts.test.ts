import t from 'tap'
import type { Pool } from '../../src/db/pool.ts'
import { effectOf } from '../../src/directory/drafts/effect.ts'
import { getDraft } from '../../src/directory/drafts/move-draft.ts'
import { draftCalls, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const calls = draftCalls(served)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const [an, binh] = [await tokenOf('an.admin'), await tokenOf('binh.admin')]

await gateway.submit('H90', await documentPacket({ from: 'H90', to: ['G90'], documentId: 'week-1' }))

const ACTS = 8_000
const content = Array.from({ length: ACTS }, (_, index) => ({
  act: 'establish',
  code: `H90.X${index}`,
  name: `Ủy ban nhân dân xã số ${index}`,
  tier: 'commune',
  parent: 'H90',
  on: '2099-01-01',
}))

/** What one answer takes longer, without processor time of this process, is a machine that stands still. */
const STILL_MS = 250

/** Asks for sign of life, one time after the other, until some work is done; answers how often it got it. */
async function livesDuring<T>(work: () => Promise<T>): Promise<{ result: T; answered: number; ms: number }> {
  let done = false
  let answered = 0
  let ms = 0
  const asking = (async () => {
    for (; !done; answered += 1) {
      const [began, spent] = [performance.now(), process.cpuUsage()]
      await served.ask('/livez')
      const { user, system } = process.cpuUsage(spent)
      ms += Math.min(performance.now() - began, Math.max((user + system) / 1_000, STILL_MS))
    }
  })()
  const result = await work()
  done = true
  await asking
  return { result, answered, ms }
}

t.test('the API answers others while a large draft is saved, compared, submitted and approved', async (t) => {
  const draft = shownDraft(await calls.create(an, { kind: 'directory', content }))
  const steps = {
    diff: () => calls.get(an, draft, '/diff'),
    submit: () => calls.step(an, 'submit', draft),
    approve: () => calls.approve(binh, draft),
    'diff of what it changed': () => calls.get(an, draft, '/diff'),
  }
  for (const [name, step] of Object.entries(steps)) {
    const { result, answered, ms } = await livesDuring(step)
    t.equal(result.status, 200, `${name}: ${result.text.slice(0, 120)}`)
    // In one piece, it would be two or three answers, however long it takes; a busy machine gives few to anybody.
    t.ok(answered > 3 + ms / 200, `${name}: ${answered} answers in ${ms.toFixed(0)} ms`)
  }
})

t.test('judging stops for whoever went away, and the next one has his turn', async (t) => {
  const acts = content.map((act) => ({ ...act, code: act.code.replace('X', 'Y') }))
  const draft = shownDraft(await calls.create(an, { kind: 'directory', content: acts }))
  const gone = new AbortController()
  const asked = fetch(`${served.url}/admin/v1/drafts/${draft.id}/submit`, {
    method: 'POST',
    headers: { ...bearer(an), 'if-match': '"1"' },
    signal: gone.signal,
  })
  await waitFor(async () => {
    const { rows } = await gateway.api.pool.query(
      `select from pg_locks join pg_class on pg_class.oid = relation
        join pg_database on pg_database.oid = database and datname = current_database()
        where relname = 'draft' and mode = 'RowShareLock'`,
    )
    return rows.length > 0
  })
  gone.abort()
  await t.rejects(asked, { name: 'AbortError' })
  await waitFor(() => served.logged().includes('request-timeout'))
  t.match((await calls.get(an, draft)).json(), { state: 'open' }, 'nothing was submitted')
  const small = shownDraft(await calls.create(an, { kind: 'directory', content: acts.slice(0, 1) }))
  t.equal((await calls.step(an, 'submit', small)).status, 200)
})

t.test("deciding last week's deliveries again stops, too", async (t) => {
  const { pool, registry } = gateway.api
  const { usable } = served.context
  const content = [{ id: 'all', channel: 'mailbox', tier: 'commune' }]
  const { id } = shownDraft(await calls.create(an, { kind: 'routing', content }))
  const gone = new AbortController()
  const { signal } = gone
  const query = (...asked: Parameters<Pool['query']>) => {
    if (String(asked[0]).includes('from delivery')) gone.abort()
    return pool.query(...asked)
  }
  const watched: Pool = Object.create(pool, { query: { value: query } })
  const draft = await getDraft(pool, id)
  const dependencies = { registry, usable, allowHttp: false, signal }
  t.match(await effectOf({ ...dependencies, pool }, draft, 7), { considered: 1 })
  await t.rejects(effectOf({ ...dependencies, pool: watched }, draft, 7), { code: 'request-timeout' })
})
