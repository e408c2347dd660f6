import { createClient } from '../../../src/directory/clients.ts'
import { median, quantile } from '../routing/figures.ts'
import { randomOf } from '../routing/random.ts'
import { connect } from './client.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { bar, short, table } from './print.ts'
import { QUESTIONS } from './search-questions.ts'
import { openStored } from './stored.ts'

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
