import { createClient } from '../../../src/directory/clients.ts'
import { table } from '../../markdown-table.ts'
import { median, quantile } from '../routing/figures.ts'
import { randomOf } from '../routing/random.ts'
import { type Ask, connect } from './client.ts'
import type { Filled } from './fill.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { type Bar, bar, short } from './print.ts'
import { QUESTIONS, type Question } from './search-questions.ts'
import { openStored, type Stored } from './stored.ts'

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
  /** What it should have found each time, where that is known. */
  readonly finds: number | null
}

type AskList = (question: Question, filled: Filled) => Promise<{ status: number; found: number; ms: number }>

/** How long auditors wait for the first page of what they look for. */
export async function search(options: PartOptions): Promise<PartResult> {
  const { seed, documents, tell } = options
  const stored = await openStored(options)
  const filled = await stored.fillTo(documents, tell)
  const ask = await auditorOf(stored, randomOf(seed))
  const asked: Asked[] = []
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const one = await askOften(name, question, () => ask(question, filled))
    tell(`  ${name}: ${short(median(one.times))} ms`)
    asked.push(one)
  }
  return resultOf(asked, documents)
}

async function auditorOf({ ground, gateway }: Stored, random: () => number): Promise<AskList> {
  const client = { clientId: 'bench.auditor', role: 'auditor' as const, agency: null, name: 'Kiểm toán' }
  const { secret } = await createClient(ground.pool, client, 'cli:bench')
  const credentials = { clientId: client.clientId, clientSecret: secret ?? '' }
  const ask: Ask = connect(gateway.urls)
  return async ({ list, query }, filled) => {
    const path = `/auditor/v1/${list}?${new URLSearchParams(query(random, filled))}`
    const began = performance.now()
    const { status, body } = await ask({ code: 'auditor', credentials }, { method: 'GET', path })
    const ms = performance.now() - began
    if (status !== 200 && status < 500) throw new Error(`${path}: ${status} ${body}`)
    const found =
      status === 200 ? (JSON.parse(body.toString()) as { items: unknown[] }).items.length : Number.NaN
    return { status, found, ms }
  }
}

async function askOften(
  name: string,
  { list, finds }: Question,
  ask: () => ReturnType<AskList>,
): Promise<Asked> {
  const answers: Awaited<ReturnType<AskList>>[] = []
  for (let time = 0; time < TIMES; time += 1) answers.push(await ask())
  const answered = answers.filter(({ status }) => status === 200)
  return {
    ...{ name, list, finds: finds ?? null },
    times: answers.map(({ ms }) => ms),
    unanswered: answers.length - answered.length,
    found: answered.reduce((sum, { found }) => sum + found, 0) / TIMES,
  }
}

const p95Of = ({ times }: Pick<Asked, 'times'>): number => quantile(times, 0.95)

function resultOf(asked: readonly Asked[], documents: number): PartResult {
  const ofDocuments = asked.filter(({ list }) => list === 'documents')
  const others = asked.filter(({ list }) => list !== 'documents')
  const slow = asked.filter((one) => p95Of(one) >= MOST_MS).length
  const wrong = asked.filter(({ found, finds }) => finds !== null && found !== finds).length
  return {
    data: asked,
    tables: table(
      ['looked for', 'list', 'p50 (ms)', 'p95 (ms)', 'unanswered', 'found on the first page'],
      asked.map((one) => [
        ...[one.name, one.list],
        ...[median(one.times), p95Of(one), one.unanswered, one.found].map(short),
      ]),
    ),
    bars: [
      barOf(`search over ${documents} documents, p95 of all questions, ms`, asked),
      barOf('of those for documents, ms', ofDocuments),
      barOf('of those for deliveries, attempts, statuses and events, ms', others),
      bar(`questions of which the p95 is ${MOST_MS} ms or more, of ${asked.length}`, slow, null, ''),
      bar('questions that did not find what is stored', wrong, wrong === 0, '0'),
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
