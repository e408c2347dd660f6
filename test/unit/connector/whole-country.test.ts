import { readFileSync } from 'node:fs'
import { setImmediate as tick } from 'node:timers/promises'
import t from 'tap'
import { readAgencies, readResult } from '../../../src/axis/read-answers.ts'
import { compareTold } from '../../../src/connector/compare-told.ts'
import { generateDirectory, REAL_SIZE } from '../../../src/directory/seed/generate.ts'
import { inSlices } from '../../../src/directory/slices.ts'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { Fact, NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { agencyList } from '../../../src/http/axis-door/agency-lists.ts'
import type { ListName } from '../../../src/http/axis-door/agency-rows.ts'

const DAY = '2026-11-22'

const levelOne = readFileSync(new URL('../../../schemas/codes/level-1.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as NewFact)
const facts = [...generateDirectory({ levelOne, agencies: REAL_SIZE, seed: 3 })]
const directory = DirectorySnapshot.of(
  1,
  facts.map((fact, id): Fact => ({ ...fact, id: id + 1, assertedIn: 1, retractedIn: null })),
)

async function ask(name: ListName, level = '') {
  const get = (header: string) => (header === 'level' ? level : undefined)
  const reply = await agencyList(name)({
    directory,
    day: DAY,
    signed: { systemId: 'dms', timestamp: '', get },
  })
  if (!('json' in reply)) throw new Error('a list is JSON')
  return readResult(JSON.parse(Buffer.from(reply.json).toString('latin1')), 200)
}

/** How often others had their turn meanwhile. */
async function turnsDuring<T>(work: Promise<T>): Promise<{ readonly result: T; readonly turns: number }> {
  let [turns, isDone] = [0, false]
  const others = (async () => {
    for (; !isDone; turns += 1) await tick()
  })()
  const result = await work
  isDone = true
  await others
  return { result, turns }
}

t.test('the lists of the whole country, with others having their turns', async (t) => {
  const agencies = await turnsDuring(ask('getAgenciesList'))
  const read = await turnsDuring(readAgencies(agencies.result))
  t.ok(read.turns > 5, `${read.turns} turns`)
  const told = {
    agencies: read.result.items,
    qd20: [],
    units: [],
  }
  t.equal(told.agencies.length, REAL_SIZE)
  t.ok(agencies.turns > 5, `${agencies.turns} turns`)
  const level = await turnsDuring(ask('getAgenciesListQD20', '1'))
  t.ok(level.turns > 5, `${level.turns} turns: a level of a hundred is looked for among all`)
  const comparing = { directory, day: DAY, home: [agencyCode('H51')] }
  const compared = await turnsDuring(inSlices(compareTold(told, comparing)))
  t.same(compared.result, { acts: [], remarks: [] }, 'what a gateway tells of itself is what it knows')
  t.ok(compared.turns > 5, `${compared.turns} turns`)
})
