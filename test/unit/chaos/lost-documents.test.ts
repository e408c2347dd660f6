import t from 'tap'
import { withoutLost } from '../../chaos/faults/lost-documents.ts'
import type { Line } from '../../chaos/journal.ts'

const accepted = (document: string, key: string): Line => ({
  is: 'accepted',
  at: 1,
  document,
  key,
  receipt: `receipt of ${document}`,
})
const taken = (document: string): Line => ({
  is: 'taken',
  at: 2,
  document,
  delivery: `delivery of ${document}`,
  agency: 'G83',
  sha256: '',
  operation: 'new',
})

t.test('what is lost was never confirmed nor taken; of everything else nothing is left out', async (t) => {
  const kept = [accepted('one', 'k1'), taken('one'), taken('two')]
  const journal = [accepted('gone', 'k2'), ...kept, taken('gone')]
  t.strictSame(withoutLost(journal, new Set(['k2'])), kept)
  t.strictSame(withoutLost(journal, new Set()), journal)
})
