import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { openLeadership } from '../../src/db/leader.ts'
import { createPool } from '../../src/db/pool.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const { url } = await createTestDatabase(t)
const errors: Error[] = []
const open = () => {
  const leadership = openLeadership(url, (error) => void errors.push(error))
  t.teardown(() => leadership.close())
  return leadership
}
const gate = () => {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  return { held, release: () => release() }
}

t.test('of two processes one leads, by name, until its work is done', async (t) => {
  const [one, other] = [open(), open()]
  const { held, release } = gate()
  const leads = gate()
  const first = one.lead('truc-a', () => {
    leads.release()
    return held.then(() => 'done')
  })
  // Otherwise the other may be connected sooner, and lead.
  await leads.held
  t.equal(await other.lead('truc-a', async () => 'mine'), undefined)
  t.equal(await other.lead('truc-b', async () => 'another name'), 'another name')
  release()
  t.equal(await first, 'done')
  t.equal(await other.lead('truc-a', async () => 'mine'), 'mine')
})

t.test('work that throws gives the lock back', async (t) => {
  const [one, other] = [open(), open()]
  await t.rejects(
    one.lead('truc-a', () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.equal(await other.lead('truc-a', async () => 'mine'), 'mine')
})

t.test('who loses its connection is told, others take over, and it leads again later', async (t) => {
  const [one, other] = [open(), open()]
  const pool = createPool({ databaseUrl: url, max: 1, applicationName: 'test', onError: () => undefined })
  t.teardown(() => pool.end())
  const { held, release } = gate()
  let lost: AbortSignal | undefined
  const first = one.lead('truc-a', async (signal) => {
    lost = signal
    await held
  })
  await waitFor(() => lost !== undefined)
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tram-leader' and datname = current_database()`,
  )
  await waitFor(() => lost?.aborted === true)
  t.ok(errors.length > 0)
  await waitFor(async () => (await other.lead('truc-a', async () => 'mine')) === 'mine')
  release()
  await first
  await waitFor(async () => (await one.lead('truc-a', async () => 'again')) === 'again')
})

const HANGS = `import { openLeadership } from './src/db/leader.ts'
const leadership = openLeadership(process.argv[1], () => undefined, 3)
await leadership.lead('truc-a', async (signal) => {
  console.log('leads')
  await new Promise((lost) => signal.addEventListener('abort', lost))
  console.log('lost')
})
process.exit()
`

t.test(
  'who hangs is overtaken, and learns of it when it goes on; who merely takes its time is not',
  async (t) => {
    const other = open()
    const hanging = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', HANGS, '--', url],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    t.teardown(() => hanging.kill('SIGKILL'))
    const said: string[] = []
    hanging.stdout.on('data', (text) => said.push(String(text).trim()))
    await waitFor(() => said.includes('leads'), 60_000)
    const since = performance.now()
    // Longer than its silence may last.
    await waitFor(async () => {
      t.equal(await other.lead('truc-a', async () => 'mine'), undefined)
      return performance.now() - since > 7_000
    })
    hanging.kill('SIGSTOP')
    await waitFor(async () => (await other.lead('truc-a', async () => 'mine')) === 'mine')
    hanging.kill('SIGCONT')
    await once(hanging, 'close')
    t.same(said, ['leads', 'lost'])
  },
)
