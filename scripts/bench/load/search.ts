import { createClient } from '../../../src/directory/clients.ts'
import { median, quantile } from '../routing/figures.ts'
import { pick, randomOf } from '../routing/random.ts'
import { RECEIVERS, SENDERS } from './agencies.ts'
import { connect } from './client.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { bar, short, table } from './print.ts'
import { openStored } from './stored.ts'

type Query = Readonly<Record<string, string>>
interface Question {
  readonly list: 'documents' | 'deliveries' | 'events' | 'statuses'
  readonly query: (random: () => number) => Query
}

const whole = (random: () => number, below: number) => Math.floor(random() * below)
const TOPICS = ['đất đai', 'giao thong', 'chuyển đổi số', 'thanh tra', 'y te', 'quy hoạch', 'dân tộc']
const DAY_MS = 86_400_000
/** Likes are filled in every 25 seconds, back from now. */
const month = (random: () => number): Query => {
  const since = Date.now() - (40 + whole(random, 240)) * DAY_MS
  return { since: new Date(since).toISOString(), until: new Date(since + 30 * DAY_MS).toISOString() }
}

/** What auditors look for: by words, numbers, parties, days, states, and combinations of them. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  'the newest documents': { list: 'documents', query: () => ({}) },
  'words of the subject, with or without diacritics': {
    list: 'documents',
    query: (random) => ({ text: pick(random, TOPICS) }),
  },
  'two topics at once': {
    list: 'documents',
    query: (random) => ({ subject: `${pick(random, TOPICS)} ${pick(random, TOPICS)}` }),
  },
  'words that nothing holds': { list: 'documents', query: () => ({ text: 'hợp tác vũ trụ' }) },
  'number and notation': {
    list: 'documents',
    query: (random) => ({ number: `${whole(random, 9_973)}/BTN` }),
  },
  "the sender's DocumentId": {
    list: 'documents',
    query: (random) => ({
      edxmlDocumentId: `${pick(random, SENDERS)},2026/01/01,like-${whole(random, 1e6)}/BENCH`,
    }),
  },
  'of one sender in one month': {
    list: 'documents',
    query: (random) => ({ sender: pick(random, SENDERS), ...month(random) }),
  },
  'to one recipient': { list: 'documents', query: (random) => ({ recipient: pick(random, RECEIVERS) }) },
  'to one recipient, with a word': {
    list: 'documents',
    query: (random) => ({ recipient: pick(random, RECEIVERS), text: pick(random, TOPICS) }),
  },
  'from or to one agency': { list: 'documents', query: (random) => ({ agency: pick(random, RECEIVERS) }) },
  'in a state that few are in': { list: 'deliveries', query: () => ({ state: 'failed' }) },
  'deliveries to one recipient in one month': {
    list: 'deliveries',
    query: (random) => ({ recipient: pick(random, RECEIVERS), ...month(random) }),
  },
  'events of one kind in one month': {
    list: 'events',
    query: (random) => ({ event: 'submission-accepted', ...month(random) }),
  },
  'events of one agency': { list: 'events', query: (random) => ({ agency: pick(random, SENDERS) }) },
}

const TIMES = 20
const MOST_MS = 300

/** How long auditors wait for the first page of what they look for. */
export async function search({ seed, documents, tell }: PartOptions): Promise<PartResult> {
  const { ground, gateway, fillTo } = await openStored(seed)
  await fillTo(documents, tell)
  const client = { clientId: 'bench.auditor', role: 'auditor' as const, agency: null, name: 'Kiểm toán' }
  const { secret } = await createClient(ground.pool, client, 'cli:bench')
  const auditor = {
    code: 'auditor',
    credentials: { clientId: client.clientId, clientSecret: secret ?? '' },
  }
  const ask = connect(gateway.urls)
  const random = randomOf(seed)
  const asked: { name: string; times: number[]; found: number }[] = []
  for (const [name, { list, query }] of Object.entries(QUESTIONS)) {
    const times: number[] = []
    let found = 0
    for (let time = 0; time < TIMES; time += 1) {
      const path = `/auditor/v1/${list}?${new URLSearchParams(query(random))}`
      const began = performance.now()
      const { status, body } = await ask(auditor, { method: 'GET', path })
      times.push(performance.now() - began)
      if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
      found += (JSON.parse(body.toString()) as { items: unknown[] }).items.length
    }
    tell(`  ${name}: ${short(median(times))} ms`)
    asked.push({ name, times, found: found / TIMES })
  }
  const all = asked.flatMap(({ times }) => times)
  const p95 = quantile(all, 0.95)
  return {
    data: asked,
    tables: table(
      ['looked for', 'p50 (ms)', 'p95 (ms)', 'found on the first page'],
      asked.map(({ name, times, found }) =>
        [name, median(times), quantile(times, 0.95), found].map((cell) =>
          typeof cell === 'number' ? short(cell) : cell,
        ),
      ),
    ),
    bars: [bar(`search over ${documents} documents, p95 of all, ms`, p95, p95 < MOST_MS, `< ${MOST_MS}`)],
  }
}
