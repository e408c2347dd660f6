import fc from 'fast-check'
import t from 'tap'
import { chooseRoute } from '../../../../src/directory/routing/choose-route.ts'
import { compileTable } from '../../../../src/directory/routing/compile-table.ts'
import { validateTable } from '../../../../src/directory/routing/validate-table.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import { DAY, factsTo, questions, snapshots, tables, usables } from './world.ts'

const TIERS = ['central', 'province', 'commune'].map((code) => ({ code, closedOn: null }))
const RUNS = { numRuns: 2_000 }

t.test('a rule that is called hidden, dead or past decides nothing from that day on', async (t) => {
  const told = new Map<string, number>()
  fc.assert(
    fc.property(
      tables,
      snapshots,
      usables,
      fc.array(questions, { minLength: 20, maxLength: 20 }),
      ({ rules }, snapshot, usable, asked) => {
        const faults = validateTable(rules, snapshot, { usable, today: DAY, tiers: TIERS })
        const idle = new Map(
          faults
            .filter(({ code }) => ['rule-shadowed', 'rule-dead-end', 'rule-past'].includes(code))
            .map(({ code, path }) => [rules[Number(path?.split('/')[2])]!.id, code]),
        )
        for (const code of idle.values()) told.set(code, (told.get(code) ?? 0) + 1)
        const compiled = compileTable({ revision: 1, rules })
        return asked
          .filter(({ day }) => day === undefined || day >= DAY)
          .every(
            ({ to, ...given }) =>
              !idle.has(
                chooseRoute(compiled, snapshot, usable, factsTo(snapshot, to, given)).explanation.rule,
              ),
          )
      },
    ),
    RUNS,
  )
  for (const code of ['rule-shadowed', 'rule-dead-end', 'rule-past'])
    t.ok((told.get(code) ?? 0) > 100, `${code} was told ${told.get(code)} times`)
})

t.test('an agency that is called unreachable is left to a mailbox that nobody chose', async (t) => {
  let told = 0
  fc.assert(
    fc.property(tables, snapshots, usables, (table, snapshot, usable) => {
      // Of a long table some rule is about everybody.
      const rules = table.rules.slice(0, 2)
      const compiled = compileTable({ revision: 1, rules })
      const unreachable = validateTable(rules, snapshot, { usable, today: DAY, tiers: TIERS })
        .filter(({ code }) => code === 'agency-unreachable')
        .map(({ found }) => found ?? '')
      told += unreachable.length
      return unreachable.every((code) => {
        // A document that no rule about senders, kinds or urgencies is about.
        const given = { sender: agencyCode('X'), documentType: undefined, bytes: 1 }
        const { rule } = chooseRoute(compiled, snapshot, usable, factsTo(snapshot, code, given)).explanation
        return rule === 'default:mailbox'
      })
    }),
    { numRuns: 5_000 },
  )
  t.ok(told > 5, `${told} were told`)
})

t.test('no table makes the examination fail, and every fault has its rule', async () => {
  fc.assert(
    fc.property(tables, snapshots, usables, ({ rules }, snapshot, usable) =>
      validateTable(rules, snapshot, { usable, today: DAY, tiers: [] }).every(
        ({ path }) => rules[Number(/^#\/content\/(\d+)/.exec(path ?? '')?.[1])] !== undefined,
      ),
    ),
    RUNS,
  )
})
