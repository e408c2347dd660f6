import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import t from 'tap'
import { divideCores, pin } from '../../../scripts/bench/load/cores.ts'
import { childrenOf } from '../../../scripts/services/signals.ts'

t.test('senders have the last core, the gateway the others', async (t) => {
  t.equal(divideCores(1), null)
  t.same(divideCores(2), { gateway: '0', senders: '1' })
  t.same(divideCores(8), { gateway: '0-6', senders: '7' })
})

t.test('a process and its children stay on their cores', async (t) => {
  if (availableParallelism() < 2) return t.pass('one core', { skip: 'there is one core' })
  const shell = spawn('sh', ['-c', 'sleep 600 & echo started; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(shell.stdout, 'data')
  const family = [shell.pid!, ...(await childrenOf(shell.pid!))]
  t.teardown(() => {
    for (const pid of family) process.kill(pid, 'SIGKILL')
  })
  await pin('0', [shell.pid!])
  for (const pid of family)
    t.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Cpus_allowed_list:\s*0$/m)
})
