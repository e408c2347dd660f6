import t from 'tap'
import type { RecordKind } from '../../src/db/search.ts'
import { containing, type Filters } from '../../src/db/search-conditions.ts'
import { type SearchBounds, searchRecords } from '../../src/db/search-page.ts'
import { searchNeedle } from '../../src/domain/search-text.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { paged, whole } from '../support/search-pages.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api

const SUBJECTS = ['Đất đai', 'Y tế, đất đai', 'Giao thong', 'Thanh tra y tế']
const COUNT = 16
for (let n = 0; n < COUNT; n += 1)
  await gateway.submit(
    'H90',
    await documentPacket({
      from: 'H90',
      to: n % 3 === 0 ? ['H91', 'G90'] : ['G90'],
      documentId: `page ${n}`,
      subject: SUBJECTS[n % SUBJECTS.length]!,
      priority: n === 1 ? 3 : 0,
    }),
  )
await gateway.deliverDue()

/** Several of one instant, others close together, and some long ago. */
const SPREADS: Readonly<Record<string, string>> = {
  'as they came': 'accepted_at',
  'all at one instant': `timestamptz '2026-01-01'`,
  'three at each instant': `timestamptz '2026-01-01' + (place / 3) * interval '1 hour'`,
  'most of them long ago': `timestamptz '2026-01-01' - interval '1 day' * power(2, place / 3) - interval '1 microsecond' * place`,
}

const word = (text: string): string => containing(text)
const ASKED: readonly Filters[] = [
  {},
  { words: [word('y')] },
  { words: [word('đất'), word('tế')] },
  { subject: [word('y'), word('te')] },
  { subject: [word('cơ')] },
  { words: [word('vũ trụ')] },
  { recipient: 'H91' },
  { recipient: 'H91', words: [word('giao')] },
  { agency: 'H91' },
  { agency: 'H90', words: [word('đất')] },
  { agency: 'H91', subject: [word('y'), word('tế')] },
  { tier: 'province', words: [word('thanh')] },
  { urgency: 3 },
  { since: new Date('2025-12-25T00:00:00Z') },
  { until: new Date('2025-12-25T00:00:00Z'), words: [word('tế')] },
]

const BOUNDS: readonly SearchBounds[] = [
  { walked: 1, walkedApart: 1, further: 1, gathered: 1, documents: 1, held: 1, theirs: 1 },
  { walked: 2, walkedApart: 1, further: 2, gathered: 5, documents: 3, held: 40, theirs: 3 },
  { walked: 5, walkedApart: 2, further: 3, gathered: 1_000, documents: 1_000, held: 1_000, theirs: 1_000 },
]

/** Attempts and events of each document, soon after it or, of some, long after: behind those of documents that came later. */
async function spreadRecords(): Promise<void> {
  const after = (id: string) =>
    `document.accepted_at + interval '1 second' * power(10, abs(hashtext(${id}::text)) % 8)`
  const client = await pool.connect()
  try {
    // Events are never changed otherwise.
    await client.query('set session_replication_role = replica')
    await client.query(`update audit_event set at = ${after('audit_event.id')} from document
      where document.id = audit_event.document_id`)
    await client.query(`update attempt set started_at = ${after('attempt.delivery_id')} from delivery
      join document on document.id = delivery.document_id where delivery.id = attempt.delivery_id`)
  } finally {
    client.release(true)
  }
}

const KINDS: readonly RecordKind[] = ['documents', 'deliveries', 'attempts', 'statuses', 'events', 'receipts']

t.test('whatever is done at a time, pages hold what the whole list holds, in its order', async (t) => {
  for (const [spread, [name, at]] of Object.entries(SPREADS).entries()) {
    await pool.query(`with placed as (select id, accepted_at as old, row_number() over (order by id) as place from document)
      update document set accepted_at = ${at} from placed where placed.id = document.id`)
    // Some as the release before wrote them.
    await pool.query(`update delivery set accepted_at = case when hashtext(delivery.id::text) % 3 <> 0 then document.accepted_at end
      from document where document.id = delivery.document_id`)
    await spreadRecords()
    for (const [turn, kind] of KINDS.entries())
      for (const [index, filters] of ASKED.entries()) {
        const bounds = BOUNDS[(turn + index + spread) % BOUNDS.length]!
        t.strictSame(
          await paged(pool, kind, filters, 7, bounds),
          await whole(pool, kind, filters),
          `${name}: ${kind} ${JSON.stringify({ filters, bounds })}`,
        )
      }
  }
  t.equal(
    (await whole(pool, 'documents', { words: [word('tế')] })).length,
    COUNT / 2,
    'something was looked for',
  )
  for (const kind of ['attempts', 'events'] as const)
    t.ok(
      (await whole(pool, kind, { words: [word('tế')] })).length >= COUNT / 2,
      `and ${kind} of what was found`,
    )
})

/** Subjects with marks of Khmer, Thai and Devanagari, and with letters that come apart, beside Vietnamese. */
const MARKED: Readonly<Record<string, readonly string[]>> = {
  'Công văn gửi ក្រសួងយុត្តិធម៌': ['ក្រសួង', 'យុត្តិធម៌', 'gửi', 'gui'],
  'Thuế quan và ภาษีศุลกากร': ['ภาษี', 'thuế', 'thue', 'THUẾ'],
  'Hội đàm हिन्दी, 한국어': ['हिन्दी', '한국어', 'đàm', 'dam'],
}

t.test('subjects are found by words with marks of any script', async (t) => {
  for (const [index, subject] of Object.keys(MARKED).entries())
    await gateway.submit(
      'H90',
      await documentPacket({ from: 'H90', to: ['G90'], documentId: `marks ${index}`, subject }),
    )
  for (const [subject, words] of Object.entries(MARKED))
    for (const typed of words) {
      const filters = { subject: [word(searchNeedle(typed))] }
      const page = await searchRecords(pool, 'documents', filters, { limit: 7 }, BOUNDS[2])
      t.ok(
        page.some((one) => one.subject === subject),
        `${typed} in ${subject}`,
      )
    }
})
