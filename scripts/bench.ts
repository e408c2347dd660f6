import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startGround } from './bench/load/gateway.ts'
import { type Measured, measure } from './bench/load/measure.ts'
import { loadTables } from './bench/load/print.ts'
import { machineOf } from './bench/routing/machine.ts'

/*
 * npm run bench [-- --only small|pdf|large|scale] [--seconds 20] [--seed 1] [--json FILE] [--profile FOLDER] [--rate 50]
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    profile: { type: 'string' },
    rate: { type: 'string' },
  },
})
const tell = (line: string) => console.error(line)
const seed = Number(values.seed)
tell(`seed ${seed}`)
const ground = await startGround()
try {
  const measured: Measured[] = [
    await measure(ground, {
      kind: 'small',
      recipients: 1,
      seal: 'p256',
      apis: 1,
      workers: 1,
      seconds: Number(values.seconds),
      seed,
      tell,
      rate: values.rate === undefined ? undefined : Number(values.rate),
      profile: values.profile ?? null,
    }),
  ]
  console.log(`${await machineOf(ground.pool, 'redis')}\n`)
  console.log(loadTables(measured))
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ seed, measured }, null, 2))
} finally {
  await ground.stop()
}
