import fc from 'fast-check'
import t from 'tap'
import { mergeRules } from '../../../../src/directory/drafts/merge-rules.ts'
import type { TableRule } from '../../../../src/domain/routing-rule.ts'

const rule = (id: string, comment?: string): TableRule => ({
  id,
  channel: 'mailbox',
  ...(comment !== undefined && { comment }),
})
const table = (text: string): TableRule[] =>
  text.split(' ').flatMap((one) => {
    const [id, comment] = one.split(':')
    return id ? [rule(id, comment)] : []
  })
const told = (rules: readonly TableRule[]): string =>
  rules.map(({ id, comment }) => (comment === undefined ? id : `${id}:${comment}`)).join(' ')

t.test('what only one side changed is as that side has it', async (t) => {
  const cases = [
    // base, draft, live, merged, conflicts
    ['a b c', 'a b c', 'a b c', 'a b c', ''],
    ['a b c', 'a b:1 c', 'a b c:2', 'a b:1 c:2', ''],
    ['a b c', 'n a b c', 'a b c m', 'n a b c m', ''],
    ['a b c', 'a c', 'a b c:2', 'a c:2', ''],
    ['a b c', 'a b c x', 'a c', 'a c x', ''],
    ['a b c', 'c a b', 'a b:2 c', 'c a b:2', ''],
    ['a b c', 'a b:1 c', 'c a b', 'c a b:1', ''],
    ['a b', 'a n b', 'a m b', 'a n m b', ''],
    ['a b c', 'a b:1 c', 'a b:2 c', 'a b:1 c', 'b'],
    ['a b c', 'a c', 'a b:2 c', 'a c', 'b'],
    ['a b c', 'a b:1 c', 'a c', 'a b:1 c', 'b'],
    ['a', 'a n:1', 'a n:2', 'a n:1', 'n'],
    ['a b', 'a b:1', 'a b:1', 'a b:1', ''],
  ] as const
  for (const [base, draft, live, merged, conflicts] of cases) {
    const found = mergeRules(table(base), table(draft), table(live))
    t.equal(told(found.rules), merged, `${base} | ${draft} | ${live}`)
    t.equal(found.conflicts.join(' '), conflicts)
  }
  t.equal(mergeRules(table('a b c'), table('c a b'), table('b a c')).isOrderContested, true)
})

const rules = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...'abcdef'), fc.constantFrom(undefined, '1', '2')), {
    selector: ([id]) => id,
  })
  .map((list) => list.map(([id, comment]) => rule(id, comment)))

t.test('a side that changed nothing adds nothing, and no rule stands twice', async () => {
  fc.assert(
    fc.property(rules, rules, rules, (base, draft, live) => {
      const alone = [mergeRules(base, draft, base), mergeRules(base, base, draft)]
      const merged = mergeRules(base, draft, live).rules.map(({ id }) => id)
      return (
        alone.every((one) => told(one.rules) === told(draft) && one.conflicts.length === 0) &&
        new Set(merged).size === merged.length
      )
    }),
  )
})
