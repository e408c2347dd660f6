import t from 'tap'
import {
  lostStatuses,
  recallAsSuccessor,
  receiptsWithoutBothNames,
  sendToOldCode,
} from '../support/first-of-july/afterwards.ts'
import { damaged, ledgerOf, summaryOf, unexplainedGaps } from '../support/first-of-july/ledger.ts'
import { passMidnight } from '../support/first-of-july/night.ts'
import { takeItems } from '../support/first-of-july/traffic.ts'
import { openTrial } from '../support/first-of-july/trial.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const DOCUMENTS = 1_000

t.test(
  'the first of July 2025: 63 provinces become 34, districts end, 1,000 documents in flight',
  async (t) => {
    const trial = await openTrial(t, await temporaryFolder(t))
    const { pool } = trial.api
    const night = await passMidnight(t, trial, DOCUMENTS, (line) => t.comment(line))
    t.comment(`at midnight: ${JSON.stringify(night.atMidnight)}`)
    for (const state of ['waiting', 'available', 'handed-over', 'acknowledged', 'failed'])
      t.ok((night.atMidnight[state] ?? 0) > 20, `midnight finds deliveries that are ${state}`)

    const lines = await ledgerOf(trial, night.sent)
    for (const line of summaryOf(lines)) t.comment(line)
    t.equal(new Set(lines.map(({ documentId }) => documentId)).size, DOCUMENTS)
    t.same(
      lines.filter(({ outcome }) => outcome === 'UNACCOUNTED'),
      [],
      'each document is accounted for, by each name that it was addressed to',
    )
    for (const outcome of ['at the successor', "joined with the successor's own", 'returned with a reason'])
      t.ok(
        lines.some((line) => line.outcome === outcome),
        outcome,
      )
    t.same(await unexplainedGaps(trial), [], 'no inbox lacks a number without saying where it went')
    t.same(await damaged(trial, night.sent), [], 'every packet is as it was sent')
    const doubles = await pool.query(
      `select delivery_id from audit_event where kind = 'delivery-redirected'
      group by delivery_id, detail ->> 'from' having count(*) > 1`,
    )
    t.same(doubles.rows, [], 'nothing was moved twice, although a worker was killed as it moved')
    t.same(
      await receiptsWithoutBothNames(trial, night.sent, lines),
      [],
      'each receipt names old and new agency',
    )

    await t.test('afterwards: successors report, old codes lead on, successors recall', async (t) => {
      await takeItems(trial, 4)
      const statuses = await lostStatuses(trial, night.sent, lines)
      t.ok(statuses.reported > 50)
      t.same(statuses.lost, [], 'statuses of successors find their documents')

      const fates = trial.world.recipients
      const province = await sendToOldCode(trial, fates.find(({ code }) => code === 'H47')!.code, 1)
      t.match(province.recipients, [
        { agency: 'H17', addressedAs: [{ code: 'H47', hops: [{ act: 'merge' }] }] },
      ])
      const bounced = fates.find(
        ({ code }) =>
          trial.world.snapshot.fact(code, 'succession', '2025-07-01')?.value.whenAddressed === 'bounce',
      )!
      const refused = await sendToOldCode(trial, bounced.code, 2)
      t.match(refused.faults, [
        { code: 'recipient-closed', reason: 'closed-and-bounced', found: bounced.code },
      ])

      const fromH47 = night.sent.filter(({ sender }) => sender === 'H47')
      const open = fromH47.find(({ documentId }) =>
        lines.some(
          (line) => line.documentId === documentId && line.fate !== 'bounce' && line.state === 'waiting',
        ),
      )!
      const recalled = await recallAsSuccessor(trial, 'H17', open)
      t.ok(recalled.withdrawn.length + recalled.asked.length > 0)
      t.ok(recalled.withdrawn.length > 0, 'what still waited is withdrawn for the successor of its sender')
    })
  },
)
