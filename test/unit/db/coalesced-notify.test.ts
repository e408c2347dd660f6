import t from 'tap'
import { coalescedNotify } from '../../../src/db/coalesced-notify.ts'
import type { Queryable } from '../../../src/db/pool.ts'
import { waitFor } from '../../support/wait-for.ts'

/** Notes what is sent with each statement. */
function notedBy(fails: () => boolean = () => false) {
  const sent: unknown[] = []
  const query = async ({ values }: { values: readonly unknown[] }) => {
    sent.push(values[1])
    if (fails()) throw new Error('away')
    return { rows: [] }
  }
  return { sent, db: { query } as Queryable }
}

t.test('the first goes at once, and what comes soon after it together', async (t) => {
  const { sent, db } = notedBy()
  const tell = coalescedNotify(db, 'tram_inbox', t.error)
  tell('H90')
  t.same(sent, [['H90']], 'nobody waits where little is told')
  for (const agency of ['H91', 'H92', 'H91']) tell(agency)
  await waitFor(() => sent.length === 2)
  t.same(sent[1], ['H91', 'H92'], 'each once')
  tell('H93')
  await waitFor(() => sent.length === 3)
  t.same(sent[2], ['H93'])
})

t.test('what cannot be sent is dropped, and later ones go', async (t) => {
  const errors: string[] = []
  let isAway = true
  const { sent, db } = notedBy(() => isAway)
  const tell = coalescedNotify(db, 'tram_outbox', ({ message }) => errors.push(message))
  tell('')
  await waitFor(() => errors.length === 1)
  isAway = false
  tell('')
  await waitFor(() => sent.length === 2)
  t.same(errors, ['away'])
})
