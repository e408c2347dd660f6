import fc from 'fast-check'
import t from 'tap'
import { createPool } from '../../src/db/pool.ts'
import { openRegistry } from '../../src/directory/snapshot/open-registry.ts'
import { readRegistry } from '../../src/directory/snapshot/read-registry.ts'
import type { DirectorySnapshot } from '../../src/directory/snapshot/snapshot.ts'
import type { FactKind, FactValues, NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { recordFacts } from '../support/record-facts.ts'
import { createTestDatabase } from '../support/test-database.ts'

const { url } = await createTestDatabase(t)
const pool = createPool({ databaseUrl: url, max: 2, applicationName: 'test', onError: () => undefined })
t.teardown(() => pool.end())

const CODES = ['A', 'B', 'C', 'D', 'E'].map(agencyCode)
const DAYS = ['2025-01-01', '2025-07-01', '2026-01-01', '2026-07-01']
const code = fc.constantFrom(...CODES)

const VALUES: { readonly [K in FactKind]?: fc.Arbitrary<FactValues[K]> } = {
  existence: fc.constant({}),
  name: fc.record({ name: fc.constantFrom('Sở Một', 'Sở Hai') }),
  placement: fc.record({ tier: fc.constant('province'), parent: fc.option(code) }),
  alias: fc.record({ alias: fc.constantFrom('x', 'y'), form: fc.constant('free' as const) }),
  succession: code.map((heir) => ({
    act: 'closure' as const,
    heirs: [{ code: heir }],
    main: heir,
    whenAddressed: 'redirect' as const,
    whenInFlight: 'keep' as const,
    basis: null,
  })),
}

const fact: fc.Arbitrary<NewFact> = fc
  .tuple(code, fc.constantFrom(...(Object.keys(VALUES) as FactKind[])), fc.nat(2), fc.nat(3))
  .chain(([subject, kind, from, to]) =>
    (VALUES[kind] ?? fc.constant({})).map(
      (value) =>
        ({ subject, kind, value, validFrom: DAYS[from], validTo: to > from ? DAYS[to] : null }) as NewFact,
    ),
  )

/** What a revision says, which of the standing facts it takes back, and whether anybody looks after it. */
const step = fc.record({
  asserted: fc.array(fact, { maxLength: 6 }),
  retracted: fc.array(fc.nat(30), { maxLength: 4 }),
  looked: fc.boolean(),
})

/** Everything that can be asked of a snapshot, in an order that does not depend on how it was made. */
const answers = (directory: DirectorySnapshot) => ({
  revision: directory.revision,
  facts: CODES.map((one) => [...directory.factsOf(one)].sort((a, b) => a.id - b.id)),
  aliases: ['x', 'y'].map((one) => [...directory.aliasFacts(one)].sort((a, b) => a.id - b.id)),
  onDays: DAYS.map((day) =>
    CODES.map((one) => ({
      agency: directory.agency(one, day),
      children: directory.childrenOn(one, day).sort(),
      predecessors: directory.predecessorsOn(one, day).sort(),
    })),
  ),
  roots: DAYS.map((day) => directory.rootsOn(day).sort()),
})

t.test('what increments make is what a reading of the whole makes', async (t) => {
  const registry = await openRegistry({
    databaseUrl: url,
    onFailure: t.error,
    onRecovery: () => undefined,
    pollMs: 600_000,
    listenUrl: null,
  })
  t.teardown(() => registry.close())
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
    for (const { asserted, retracted, looked } of steps) {
      const { rows } = await pool.query<{ id: number }>(
        'select id from directory_fact where retracted_in is null order by id desc limit 31',
      )
      const ids = [...new Set(retracted)].flatMap((at) => rows[at]?.id ?? [])
      await recordFacts(pool, asserted, ids)
      if (looked) await registry.upToDate(pool)
    }
    const [grown, whole] = [await registry.upToDate(pool), await readRegistry(pool)]
    return t.strictSame(answers(grown.directory), answers(whole.directory))
  })
  await fc.assert(property, { numRuns: 60 })
})
