import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { generateDirectory, REAL_SIZE } from '../directory/seed/generate.ts'
import { isFault, readFact } from '../directory/seed/read-fact.ts'
import { MOST_FACTS, seedDirectory } from '../directory/seed/seed-directory.ts'
import type { NewFact } from '../domain/directory/fact.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import { count, readArguments } from './arguments.ts'
import { UsageError } from './usage-error.ts'
import { operator, withDatabase } from './with-database.ts'

const LEVEL_ONE = fileURLToPath(new URL('../../schemas/codes/level-1.ndjson', import.meta.url))

const LEVEL_ONE_REASON =
  'Mã cấp 1: QĐ 20/2020/QĐ-TTg, QĐ 09/2025/QĐ-TTg, NQ 202/2025/QH15; cơ quan kế thừa được suy ra, cần xác nhận · ' +
  'Level-1 codes; successors were inferred and are to be confirmed'

/** `tram directory seed [FILE | --level-1]`: fills an empty directory; FILE has one fact a line, `-` is standard input. */
export async function directorySeed(args: string[]): Promise<number> {
  const options = { 'level-1': { type: 'boolean', default: false }, reason: { type: 'string' } } as const
  const levelOne = args.includes('--level-1')
  const { values, positionals } = readArguments(args, levelOne ? [] : ['FILE'], options)
  const file = levelOne ? LEVEL_ONE : positionals[0]!
  const reason = values.reason ?? (levelOne ? LEVEL_ONE_REASON : `tram directory seed ${file}`)
  return withDatabase(async (pool) => {
    const facts = await readFacts(file)
    const revision = await seedDirectory(pool, operator(), facts, reason)
    console.log(JSON.stringify({ revision, facts: facts.length }))
  })
}

/**
 * `tram directory generate`: writes facts of a whole country, one a line. Level 1 is real, the rest is invented; the same
 * seed gives the same facts.
 */
export async function directoryGenerate(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    agencies: { type: 'string', default: String(REAL_SIZE) },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  })
  const wanted = { agencies: count('agencies', values.agencies), seed: count('seed', values.seed) }
  const levelOne = await readFacts(LEVEL_ONE)
  const out = values.out === undefined ? process.stdout : createWriteStream(values.out)
  const failure = new Promise<never>((_, reject) => out.once('error', reject))
  const written = (async () => {
    for (const lines of inChunks(asked(() => generateDirectory({ levelOne, ...wanted }))))
      if (!out.write(lines)) await once(out, 'drain')
    if (out !== process.stdout) await new Promise<void>((resolve) => out.end(resolve))
  })()
  await Promise.race([written, failure])
  return 0
}

/** @throws UsageError where fewer agencies are asked for than there can be */
function* asked(generate: () => Iterable<NewFact>): Generator<NewFact> {
  try {
    yield* generate()
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`--agencies: ${error.message}`) : error
  }
}

function* inChunks(facts: Iterable<NewFact>): Generator<string> {
  let lines: string[] = []
  for (const fact of facts) {
    lines.push(`${JSON.stringify(fact)}\n`)
    if (lines.length < 1_000) continue
    yield lines.join('')
    lines = []
  }
  yield lines.join('')
}

/** @throws GatewayError `request-invalid` with the first hundred lines that are no facts */
async function readFacts(file: string): Promise<NewFact[]> {
  const facts: NewFact[] = []
  const faults: Fault[] = []
  const input = file === '-' ? process.stdin : createReadStream(file)
  let number = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    if (line.trim() === '') continue
    const read = readFact(line, number)
    if (isFault(read)) faults.push(read)
    else facts.push(read)
    if (faults.length >= 100 || facts.length > MOST_FACTS) break
  }
  if (facts.length > MOST_FACTS) throw new UsageError(`${file} holds more than ${MOST_FACTS} facts`)
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
  return facts
}
