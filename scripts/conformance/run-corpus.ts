import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case, Corpus, Judged } from './judged.ts'

export interface CorpusResult {
  readonly name: string
  /** Cases in the file, with those that no run was made for. */
  readonly cases: number
  readonly judged: readonly Judged[]
  /** How many were not put to the verifier, by their reason. */
  readonly leftOut: ReadonlyMap<string, number>
}

/** Which cases: each n-th, and only those whose id holds a part. */
export interface Selection {
  readonly every?: number
  readonly part?: string
}

/** Puts every case of a corpus to the verifier. Undefined where the corpus is not at hand. */
export async function runCorpus<C extends Case>(
  corpus: Corpus<C>,
  folder: string,
  { every = 1, part = '' }: Selection = {},
): Promise<CorpusResult | undefined> {
  const list = join(folder, 'cases.json')
  if (!existsSync(list)) return undefined
  const { cases } = JSON.parse(await readFile(list, 'utf8')) as { cases: readonly C[] }
  const judged: Judged[] = []
  const leftOut = new Map<string, number>()
  for (const [index, one] of cases.entries()) {
    if (index % every !== 0 || !one.id.includes(part)) continue
    const reason = isAtHand(one, folder) ? corpus.leftOut?.(one) : 'the file is not in the corpora'
    if (reason === undefined) judged.push(await judge(corpus, one, folder))
    else leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1)
  }
  return { name: corpus.name, cases: cases.length, judged, leftOut }
}

/** Some cases name files of corpora that are not given out. */
const isAtHand = (one: Case, folder: string): boolean =>
  !('file' in one) || typeof one.file !== 'string' || existsSync(join(folder, one.file))

/** Nothing may be thrown for what a file holds: where it is, that is told as an answer that agrees with nothing. */
async function judge<C extends Case>(corpus: Corpus<C>, one: C, folder: string): Promise<Judged> {
  const began = performance.now()
  const took = () => Math.round(performance.now() - began)
  try {
    const verdict = await corpus.judge(one, folder)
    return { id: one.id, ...verdict, milliseconds: took() }
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : ''
    const { verdict } = one.expect
    return {
      id: one.id,
      expected: verdict,
      answered: 'thrown',
      outcome: 'differ',
      why,
      facts: [],
      milliseconds: took(),
    }
  }
}
