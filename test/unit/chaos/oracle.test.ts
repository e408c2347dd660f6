import t from 'tap'
import type { BusinessOperation } from '../../../src/domain/business-operation.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import type { Evidence } from '../../chaos/evidence.ts'
import type { Entry, Line } from '../../chaos/journal.ts'
import { judge } from '../../chaos/oracle.ts'
import { isSound, type Report } from '../../chaos/oracle-report.ts'
import { acceptanceReceipt, deliveryReceipt } from './made-up-receipt.ts'

const LETTER = 'G81,2026/11/20,1/THU-VP'
const SECOND = 'G81,2026/11/20,2/THU-VP'
const BYTES = 'a'.repeat(64)

const line = (entry: Entry): Line => ({ at: 0, ...entry })

const intent = (document: string, to: readonly string[], operation: BusinessOperation = 'new'): Line =>
  line({
    is: 'intent',
    document,
    operation,
    sender: 'G81',
    to,
    sha256: BYTES,
    bytes: 1,
    urgency: 0,
    api: 'all',
  })

const taken = (delivery: string, document: string, agency: string, sha256 = BYTES): Line =>
  line({ is: 'taken', delivery, document, agency, sha256, operation: 'new' })

const deliveryClaims = (agency: string) => deliveryReceipt('document-1', 'delivery-1', agency, BYTES)

/** One document to two agencies, of which one has it; a second one, recalled before it was fetched. */
const sound: Evidence = {
  journal: [
    intent(LETTER, ['H83', 'H84']),
    line({ is: 'accepted', document: LETTER, key: 'document-1', receipt: 'receipt-1' }),
    intent(SECOND, ['H83']),
    line({ is: 'accepted', document: SECOND, key: 'document-2', receipt: 'receipt-2' }),
    intent(`${SECOND} recall`, ['H83'], 'recall'),
    line({ is: 'accepted', document: `${SECOND} recall`, key: 'document-3', receipt: 'receipt-3' }),
    taken('delivery-1', LETTER, 'H83'),
    line({ is: 'acknowledged', delivery: 'delivery-1', agency: 'H83' }),
  ],
  documents: [
    { key: 'document-1', name: LETTER, sender: 'G81', sha256: BYTES, receipt: 'receipt-1' },
    { key: 'document-2', name: SECOND, sender: 'G81', sha256: BYTES, receipt: 'receipt-2' },
    { key: 'document-3', name: `${SECOND} recall`, sender: 'G81', sha256: BYTES, receipt: 'receipt-3' },
  ],
  deliveries: [
    { key: 'delivery-1', document: 'document-1', agency: 'H83', state: 'acknowledged' },
    { key: 'delivery-2', document: 'document-1', agency: 'H84', state: 'waiting' },
    { key: 'delivery-3', document: 'document-2', agency: 'H83', state: 'withdrawn' },
  ],
  events: [
    { kind: 'submission-accepted', document: 'document-1', delivery: null, count: 1 },
    { kind: 'submission-accepted', document: 'document-2', delivery: null, count: 1 },
    { kind: 'submission-accepted', document: 'document-3', delivery: null, count: 1 },
    { kind: 'delivery-available', document: 'document-1', delivery: 'delivery-1', count: 1 },
    { kind: 'delivery-handed-over', document: 'document-1', delivery: 'delivery-1', count: 1 },
    { kind: 'delivery-acknowledged', document: 'document-1', delivery: 'delivery-1', count: 1 },
    { kind: 'delivery-withdrawn', document: 'document-2', delivery: 'delivery-3', count: 1 },
  ],
  deliveryReceipts: [{ document: 'document-1', claims: deliveryClaims('H83') }],
  attested: new Map([
    ['receipt-1', acceptanceReceipt('document-1', BYTES, { 'delivery-1': 'H83', 'delivery-2': 'H84' })],
    ['receipt-2', acceptanceReceipt('document-2', BYTES, { 'delivery-3': 'H83' })],
    ['receipt-3', acceptanceReceipt('document-3', BYTES, {}, { 'delivery-3': 'H83' })],
  ]),
}

t.test('what fits together is sound, and is counted', async (t) => {
  const report = judge(sound)
  t.ok(isSound(report), JSON.stringify(report))
  t.same(report.counts, {
    intended: 3,
    accepted: 3,
    recovered: 0,
    named: 3,
    delivered: 1,
    waiting: 1,
    failed: 0,
    recalled: 1,
  })
})

t.test('a document that was never confirmed and is there counts as recovered', async (t) => {
  const journal = sound.journal.filter((one) => one.is !== 'accepted' || one.document !== LETTER)
  const report = judge({ ...sound, journal })
  t.equal(report.counts.recovered, 1)
  t.ok(isSound(report))
})

type Defect = readonly [name: string, found: Exclude<keyof Report, 'counts'>, evidence: Evidence]

const without = <T>(list: readonly T[], index: number): T[] => list.filter((_one, at) => at !== index)
const changed = <T>(list: readonly T[], index: number, change: Partial<T>): T[] =>
  list.map((one, at) => (at === index ? { ...one, ...change } : one))

const { journal, documents, deliveries, events, attested } = sound

/** One row removed, doubled or altered in each, and the list in which it must be found. */
const failure = { kind: 'delivery-failed', document: 'document-1', delivery: 'delivery-1', count: 1 }

t.test('what failed and was begun anew by an administrator is sound', async (t) => {
  const anew = { ...failure, kind: 'delivery-retried' }
  t.ok(isSound(judge({ ...sound, events: [...sound.events, failure, anew] })))
})

/** The first receipt with other recipients, by delivery. */
const attesting = (recipients: Readonly<Record<string, string>>) =>
  new Map([...attested, ['receipt-1', acceptanceReceipt('document-1', BYTES, recipients)]])

t.test('a recipient is reached by the name that leads to it', async (t) => {
  const renamed = [intent(LETTER, ['H83', 'H99']), ...sound.journal.slice(1)]
  t.not(judge({ ...sound, journal: renamed }).lost.length, 0)
  const receipt = acceptanceReceipt('document-1', BYTES, { 'delivery-1': 'H83', 'delivery-2': 'H84' })
  const code = agencyCode('H99')
  const addressedAs = [{ spelling: 'H99', code, name: 'Cơ quan H99', hops: [] }]
  const recipients = receipt.recipients.map((one) => (one.agency === 'H84' ? { ...one, addressedAs } : one))
  const led = new Map([...attested, ['receipt-1', { ...receipt, recipients }]])
  t.same(judge({ ...sound, journal: renamed, attested: led }).lost, [])
})

const DEFECTS: readonly Defect[] = [
  ['a delivery is gone', 'lost', { ...sound, deliveries: without(deliveries, 1) }],
  ['a delivery that a receipt names is gone', 'unbalanced', { ...sound, deliveries: without(deliveries, 1) }],
  [
    'two names of a receipt stand for one delivery',
    'unbalanced',
    {
      ...sound,
      attested: new Map([
        ...attested,
        ['receipt-2', acceptanceReceipt('document-2', BYTES, { 'delivery-1': 'H83' })],
      ]),
    },
  ],
  [
    'a recipient was dropped at acceptance',
    'lost',
    { ...sound, attested: attesting({ 'delivery-1': 'H83' }), deliveries: without(deliveries, 1) },
  ],
  ['a document is gone', 'groundless', { ...sound, documents: without(documents, 0) }],
  [
    'a delivery is acknowledged, and nobody took it',
    'lost',
    { ...sound, journal: journal.filter(({ is }) => is !== 'taken') },
  ],
  [
    'a delivery is withdrawn, and nobody asked for that',
    'lost',
    { ...sound, deliveries: changed(deliveries, 1, { state: 'withdrawn' }) },
  ],
  [
    'two deliveries bring one document',
    'duplicated',
    {
      ...sound,
      journal: [...journal, taken('delivery-9', LETTER, 'H83')],
      deliveries: [...deliveries, { ...deliveries[0]!, key: 'delivery-9' }],
    },
  ],
  [
    'one submission became two documents',
    'duplicated',
    { ...sound, documents: [...documents, { ...documents[0]!, key: 'document-9' }] },
  ],
  [
    'a second answer was another receipt',
    'duplicated',
    {
      ...sound,
      journal: [
        ...journal,
        line({ is: 'accepted', document: LETTER, key: 'document-1', receipt: 'receipt-9' }),
      ],
    },
  ],
  [
    'an agency took what is not in the gateway',
    'unexpected',
    { ...sound, journal: [...journal, taken('delivery-9', LETTER, 'H81.31')] },
  ],
  [
    'an agency took what is for another',
    'unexpected',
    { ...sound, journal: [...journal, taken('delivery-2', LETTER, 'H81.31')] },
  ],
  [
    'an agency took what was withdrawn',
    'unexpected',
    { ...sound, journal: [...journal, taken('delivery-3', SECOND, 'H83')] },
  ],
  [
    'a document came from nobody',
    'unexpected',
    { ...sound, journal: journal.filter((one) => one.is !== 'intent' || one.document !== SECOND) },
  ],
  [
    'an agency got other bytes',
    'altered',
    {
      ...sound,
      journal: [
        ...journal.filter(({ is }) => is !== 'taken'),
        taken('delivery-1', LETTER, 'H83', 'b'.repeat(64)),
      ],
    },
  ],
  [
    'the gateway keeps other bytes',
    'altered',
    { ...sound, documents: changed(documents, 0, { sha256: 'b'.repeat(64) }) },
  ],
  [
    'a receipt attests other bytes',
    'altered',
    {
      ...sound,
      attested: new Map([
        ...attested,
        [
          'receipt-1',
          acceptanceReceipt('document-1', 'b'.repeat(64), { 'delivery-1': 'H83', 'delivery-2': 'H84' }),
        ],
      ]),
    },
  ],
  [
    'a receipt does not verify',
    'groundless',
    { ...sound, attested: new Map([...attested].filter(([receipt]) => receipt !== 'receipt-2')) },
  ],
  [
    'a receipt is of another document',
    'groundless',
    {
      ...sound,
      attested: new Map([...attested, ['receipt-2', acceptanceReceipt('document-1', BYTES, {})]]),
    },
  ],
  [
    'a delivery receipt does not verify',
    'groundless',
    { ...sound, deliveryReceipts: [{ document: 'document-1', claims: null }] },
  ],
  [
    'a delivery receipt names another agency',
    'groundless',
    { ...sound, deliveryReceipts: [{ document: 'document-1', claims: deliveryClaims('H84') }] },
  ],
  [
    'a failure of what is acknowledged is on record, and nobody began it anew',
    'unaudited',
    { ...sound, events: [...events, failure] },
  ],
  ['an acceptance is not on record', 'unaudited', { ...sound, events: without(events, 0) }],
  ['an acceptance is on record twice', 'unaudited', { ...sound, events: changed(events, 0, { count: 2 }) }],
  ['a hand-over is not on record', 'unaudited', { ...sound, events: without(events, 4) }],
  ['a withdrawal is not on record', 'unaudited', { ...sound, events: without(events, 6) }],
  [
    'an acknowledgement is on record twice',
    'unaudited',
    { ...sound, events: changed(events, 5, { count: 2 }) },
  ],
  [
    'an acknowledgement of what still waits is on record',
    'unaudited',
    { ...sound, events: changed(events, 5, { delivery: 'delivery-2' }) },
  ],
  [
    'an event speaks of a delivery that is not there',
    'unaudited',
    { ...sound, events: [...events, { ...events[3]!, delivery: 'delivery-9' }] },
  ],
]

for (const [name, list, evidence] of DEFECTS)
  t.test(`found: ${name}`, async (t) => {
    const report = judge(evidence)
    t.not(report[list].length, 0, JSON.stringify(report))
    t.notOk(isSound(report))
  })
