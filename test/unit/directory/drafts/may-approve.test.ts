import fc from 'fast-check'
import t from 'tap'
import { type Approver, approvalObjection } from '../../../../src/directory/drafts/may-approve.ts'

const begun = new Date('2026-11-01T00:00:00Z')
const draft = {
  state: 'submitted' as const,
  version: 3,
  contentSha256: 'a'.repeat(64),
  authors: ['anh', 'chi'],
  createdAt: begun,
}
const binh: Approver = { clientId: 'binh', role: 'admin', revokedAt: null, setByOperatorAt: null }
const seen = { version: 3, contentSha256: draft.contentSha256 }
const tie = (clientId: string, author: string) => ({ clientId, author })

t.test('an independent administrator who has seen it approves', async (t) => {
  t.equal(approvalObjection(draft, binh, seen, []), undefined)
  const long = new Date('2020-01-01T00:00:00Z')
  t.equal(approvalObjection(draft, { ...binh, setByOperatorAt: long }, seen, []), undefined)
})

t.test('each objection by itself', async (t) => {
  const cases = [
    ['approver-no-administrator', draft, { ...binh, role: 'auditor' }, seen, []],
    ['approver-no-administrator', draft, { ...binh, role: 'agency' }, seen, []],
    ['approver-no-administrator', draft, { ...binh, revokedAt: begun }, seen, []],
    ['approver-is-author', draft, { ...binh, clientId: 'anh' }, seen, []],
    ['approver-is-author', draft, { ...binh, clientId: 'chi' }, seen, []],
    ['author-unproven', { ...draft, authors: ['anh', 'cli:root'] }, binh, seen, []],
    ['approver-tied-to-author', draft, binh, seen, [tie('binh', 'anh')]],
    ['approver-tied-to-author', draft, binh, seen, [tie('chi', 'binh')]],
    ['approver-tied-to-author', draft, binh, seen, [tie('x', 'anh'), tie('binh', 'x')]],
    ['approver-tied-to-author', draft, binh, seen, [tie('anh', 'x'), tie('binh', 'x')]],
    ['approver-set-up-since', draft, { ...binh, setByOperatorAt: new Date(begun.getTime() + 1) }, seen, []],
    ['draft-not-submitted', { ...draft, state: 'open' }, binh, seen, []],
    ['draft-not-submitted', { ...draft, state: 'in-force' }, binh, seen, []],
    ['draft-not-submitted', { ...draft, state: 'scheduled' }, binh, seen, []],
    ['draft-not-submitted', { ...draft, state: 'withdrawn' }, binh, seen, []],
    ['version-not-seen', draft, binh, { ...seen, version: 2 }, []],
    ['version-not-seen', draft, binh, { ...seen, contentSha256: 'b'.repeat(64) }, []],
  ] as const
  for (const [objection, of, approver, what, ties] of cases)
    t.equal(approvalObjection(of, approver, what, ties), objection)
})

const NAMES = ['anh', 'binh', 'chi', 'dung', 'giang', 'hai'] as const
const ties = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)), { maxLength: 8 })

t.test(
  'whoever can act as somebody who can act as an author never approves, however many steps',
  async () => {
    fc.assert(
      fc.property(ties, fc.constantFrom(...NAMES), fc.constantFrom(...NAMES), (pairs, author, approver) => {
        // Who could act as whom, to the end: made by going round until nothing is added.
        const sides = new Map<string, Set<string>>(NAMES.map((name) => [name, new Set<string>([name])]))
        for (let grown = true; grown; ) {
          grown = false
          for (const [one, other] of pairs) {
            const both = new Set([...sides.get(one)!, ...sides.get(other)!])
            for (const name of both)
              if (sides.get(name)!.size < both.size) {
                sides.set(name, both)
                grown = true
              }
          }
        }
        const found = approvalObjection(
          { ...draft, authors: [author] },
          { ...binh, clientId: approver },
          seen,
          pairs.map(([clientId, by]) => tie(clientId, by)),
        )
        return sides.get(author)!.has(approver) ? found !== undefined : found === undefined
      }),
      { numRuns: 2_000 },
    )
  },
)
