import t from 'tap'
import type { SentRow, TakenRow } from '../../../scripts/bench/load/driver-messages.ts'
import { judge } from '../../../scripts/bench/load/load-run.ts'
import { isSustained } from '../../../scripts/bench/load/sustain.ts'
import { withSection } from '../../../scripts/page-section.ts'

const NOTHING = { api: 0, worker: 0, postgres: 0, redis: 0, driver: 0 }
const SECONDS = 10
/** One document each second, answered after 20 ms and with its recipient after 100. */
const sent: SentRow[] = Array.from({ length: SECONDS + 1 }, (_, n) => [n, n * 1_000, n * 1_000 + 20, 201])
const taken: TakenRow[] = sent.map(([number, dueAt]) => [number, dueAt + 100, dueAt + 150])

t.test('a load that is kept up with', async (t) => {
  const run = judge(sent, taken, 1, { ...NOTHING, api: 110 })
  t.match(run, { refused: 0, lost: 0, documents: 11, accept: { p99: 20 }, handOver: { p50: 100 } })
  t.equal(run.spent.api, 10, 'processor time is that of one document')
  t.ok(isSustained(run, SECONDS))
})

t.test(
  'a hand-over counts for each recipient, once the first byte is there and only within the window',
  async (t) => {
    const both = [...taken, ...taken.map(([n, at]): TakenRow => [n, at, at + 700])]
    t.equal(
      judge(sent, both, 2, NOTHING).delivered,
      2,
      'eleven were due in ten seconds, and the last came too late',
    )
    t.equal(judge(sent, both, 2, NOTHING).receipted, 1)
    t.equal(judge(sent, taken.slice(0, 5), 1, NOTHING).delivered, 0.5)
  },
)

t.test('whoever waits for the answer to another is charged from when he would have come', async (t) => {
  const stalled = sent.map(([number, dueAt]): SentRow => [number, dueAt, SECONDS * 1_000 + 20, 201])
  const { accept } = judge(stalled, taken, 1, NOTHING)
  t.equal(accept.p99, SECONDS * 1_000 + 20)
  t.equal(accept.p50, (SECONDS / 2) * 1_000 + 20)
})

t.test('a queue that grows is not sustained, nor is a refusal, nor a document that never came', async (t) => {
  const late = taken.map(
    ([number, handedOverAt]): TakenRow => [number, handedOverAt, SECONDS * 1_000 + 1_500],
  )
  t.notOk(isSustained(judge(sent, late, 1, NOTHING), SECONDS))
  const refused = sent.map(
    ([number, dueAt, at], index): SentRow => [number, dueAt, at, index === 3 ? 429 : 201],
  )
  t.notOk(isSustained(judge(refused, taken, 1, NOTHING), SECONDS))
  t.notOk(isSustained(judge(sent, taken.slice(1), 1, NOTHING), SECONDS))
})

t.test('a run in which nothing was due shows nothing', async (t) => {
  t.notOk(isSustained(judge([], [], 1, NOTHING), SECONDS))
})

t.test('a document is through when its last recipient has it, once', async (t) => {
  t.equal(judge(sent, taken, 2, NOTHING).lost, sent.length, 'each has one of two')
  const both = [...taken, ...taken.map(([n, at]): TakenRow => [n, at, at + 700])]
  t.equal(judge(sent, both, 2, NOTHING).settledLate, 0.8)
})

t.test("a part's place in the page is written anew, and nothing else", async (t) => {
  const page = 'before\n<!-- bench:flat -->\n\nold\n\n<!-- /bench:flat -->\nafter\n'
  t.equal(withSection(page, 'bench:flat', 'new'), page.replace('old', 'new'))
  t.throws(() => withSection(page, 'bench:small', 'new'), /no place for bench:small/)
})
