import { createClient } from '../../../src/directory/clients.ts'
import { median, quantile } from '../routing/figures.ts'
import { randomOf } from '../routing/random.ts'
import { connect } from './client.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { type Bar, bar, short, table } from './print.ts'
import { QUESTIONS } from './search-questions.ts'
import { openStored } from './stored.ts'

const TIMES = 20
const MOST_MS = 300

interface Asked {
  readonly name: string
  readonly list: string
  /** Milliseconds. */
  readonly times: readonly number[]
  /** Times that the question took longer than one may. */
  readonly unanswered: number
  /** Records on the first page, on average. */
  readonly found: number
}

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
  const asked: Asked[] = []
  for (const [name, { list, query }] of Object.entries(QUESTIONS)) {
    const times: number[] = []
    let [found, unanswered] = [0, 0]
    for (let time = 0; time < TIMES; time += 1) {
      const path = `/auditor/v1/${list}?${new URLSearchParams(query(random))}`
      const began = performance.now()
      const { status, body } = await ask(auditor, { method: 'GET', path })
      times.push(performance.now() - began)
      if (status === 200) found += (JSON.parse(body.toString()) as { items: unknown[] }).items.length
      else if (status >= 500) unanswered += 1
      else throw new Error(`${path}: ${status} ${body}`)
    }
    tell(`  ${name}: ${short(median(times))} ms`)
    asked.push({ name, list, times, unanswered, found: found / TIMES })
  }
  return {
    data: asked,
    tables: table(
      ['looked for', 'list', 'p50 (ms)', 'p95 (ms)', 'unanswered', 'found on the first page'],
      asked.map(({ name, list, times, unanswered, found }) =>
        [name, list, median(times), quantile(times, 0.95), unanswered, found].map((cell) =>
          typeof cell === 'number' ? short(cell) : cell,
        ),
      ),
    ),
    bars: [
      barOf(
        `search over ${documents} documents, p95 of all questions for documents, ms`,
        asked.filter(({ list }) => list === 'documents'),
      ),
      barOf(
        'the same for deliveries, attempts, statuses and events, ms',
        asked.filter(({ list }) => list !== 'documents'),
      ),
    ],
  }
}

function barOf(name: string, asked: readonly Asked[]): Bar {
  const p95 = quantile(
    asked.flatMap(({ times }) => times),
    0.95,
  )
  return bar(name, p95, p95 < MOST_MS && asked.every((one) => one.unanswered === 0), `< ${MOST_MS}`)
}
