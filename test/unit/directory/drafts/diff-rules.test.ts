import fc from 'fast-check'
import { test } from 'tap'
import { diffRules, sameRules } from '../../../../src/directory/drafts/diff-rules.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../../src/domain/routing-rule.ts'
import { workTime } from '../../../support/work-time.ts'

const rule = (id: string, more: Partial<TableRule> = {}): TableRule => ({ id, channel: 'mailbox', ...more })
const table = (ids: string): TableRule[] => [...ids].map((id) => rule(id))

test('a table against itself', async (t) => {
  const diff = diffRules(table('abc'), table('abc'))
  t.ok(sameRules(diff))
  t.equal(diff.unchanged, 3)
})

test('added, removed, changed field by field, moved', async (t) => {
  const before = [...table('abcd'), rule('e', { tier: 'commune', comment: 'cũ' })]
  const after = [rule('d'), rule('a'), rule('c'), rule('n'), rule('e', { comment: 'mới', maxBytes: 5 })]
  const diff = diffRules(before, after)
  t.same(diff.added, [{ rule: rule('n'), place: 4 }])
  t.same(diff.removed, [{ rule: rule('b'), place: 2 }])
  t.same(diff.moved, [{ id: 'd', from: 4, to: 1 }])
  t.same(diff.changed, [
    {
      id: 'e',
      place: 5,
      fields: [
        { field: 'tier', before: 'commune', after: undefined },
        { field: 'comment', before: 'cũ', after: 'mới' },
        { field: 'maxBytes', before: undefined, after: 5 },
      ],
    },
  ])
  t.equal(diff.unchanged, 2)
  t.notOk(sameRules(diff))
})

test('the order of keys within a field is no change, another hour is', async (t) => {
  const before = [rule('a', { quietHours: { from: '22:00', to: '05:00', passedFrom: 3 } })]
  const after = [rule('a', { quietHours: { passedFrom: 3, to: '05:00', from: '22:00' } })]
  t.ok(sameRules(diffRules(before, after)))
  const later = [rule('a', { quietHours: { from: '22:00', to: '06:00', passedFrom: 3 } })]
  t.equal(diffRules(before, later).changed[0]?.fields[0]?.field, 'quietHours')
})

test('an id that stands twice counts once, the other is told', async (t) => {
  const diff = diffRules(table('ab'), table('aab'))
  t.same(diff.added, [{ rule: rule('a'), place: 2 }])
  t.equal(diff.moved.length, 0)
})

test('what the diff says leads from one table to the other, with as few moves as can be', async (t) => {
  const rules = fc
    .uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) => fc.constantFrom(rule(`r${id}`), rule(`r${id}`, { recipient: agencyCode('A') }))),
      ),
    )
  fc.assert(
    fc.property(rules, rules, (before, after) => {
      const { added, removed, changed, moved, unchanged } = diffRules(before, after)
      const gone = new Set([...removed.map((each) => each.rule.id), ...moved.map(({ id }) => id)])
      const result = before.filter(({ id }) => !gone.has(id)).map(({ id }) => id)
      const placed = [
        ...added.map(({ rule, place }) => ({ id: rule.id, place })),
        ...moved.map((m) => ({ id: m.id, place: m.to })),
      ]
      for (const { id, place } of placed.sort((a, b) => a.place - b.place)) result.splice(place - 1, 0, id)
      const ids = after.map(({ id }) => id)
      const differing = ids.filter((id) => {
        const was = before.find((each) => each.id === id)
        return was !== undefined && was.recipient !== after.find((each) => each.id === id)?.recipient
      })
      const touched = new Set([...changed.map(({ id }) => id), ...moved.map(({ id }) => id)])
      return (
        JSON.stringify(result) === JSON.stringify(ids) &&
        JSON.stringify(changed.map(({ id }) => id)) === JSON.stringify(differing) &&
        unchanged === ids.length - added.length - touched.size
      )
    }),
  )
  // One row that went from the end to the top is one move, not all the others.
  t.equal(diffRules(table('abcdefgh'), table('habcdefg')).moved.length, 1)
})

test('5,000 changed rules of 20,000', async (t) => {
  const before = Array.from({ length: 20_000 }, (_, index) => rule(`r${index}`, { maxBytes: index }))
  const after = before
    .map((each, index) => (index % 4 === 0 ? { ...each, maxBytes: index + 1 } : each))
    .reverse()
  const { result, cpu } = await workTime(async () => diffRules(before, after))
  t.comment(`${cpu.toFixed(0)} ms`)
  t.equal(result.changed.length, 5_000)
  t.ok(cpu < 1_000)
})
