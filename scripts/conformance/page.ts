import { table } from '../docs/markdown.ts'
import type { Judged } from './judged.ts'
import type { CorpusResult } from './run-corpus.ts'
import { BARS, percent, tally } from './tally.ts'

/** Why the verifier answers otherwise than expected, by the id of the case. Words for the page; they change no score. */
export type Explanations = Readonly<Record<string, string>>

export const isDisagreement = ({ outcome }: Judged): boolean =>
  outcome === 'false-accept' || outcome === 'false-reject' || outcome === 'differ'

/** The page, without dates and durations, so that a run over the same files writes the same. */
export function conformancePage(
  results: readonly CorpusResult[],
  absent: readonly string[],
  explanations: Explanations,
): string {
  return [
    '# Conformance of the signature verifier',
    '',
    'Written by `npm run conformance` from a run over files that third parties signed, attacked and malformed, each with',
    'the result that its makers or several other engines expect. No case is known to the verifier by name.',
    'A *false accept* calls whole, intact or valid what is not; a *false reject* calls sound files unsound; what is',
    'declared *unsupported* counts neither way, and *left out* is what the makers dispute or know from one engine alone.',
    'Agreement is over the rest.',
    '',
    '## Verdicts',
    '',
    table(
      [
        'corpus',
        'cases',
        'scored',
        'agreement',
        'bar',
        'false accepts',
        'false rejects',
        'otherwise',
        'unsupported',
        'left out',
      ],
      results.map(verdictRow),
    ),
    ...(absent.length === 0 ? [] : ['', `Not at hand: ${absent.join(', ')}.`]),
    '',
    '## Facts',
    '',
    'What both the case and the answer tell beside the verdict.',
    '',
    table(['corpus', 'fact', 'told', 'agree'], results.flatMap(factRows)),
    '',
    '## Disagreements',
    '',
    ...results.flatMap((one) => listOf(one, isDisagreement, explanations)),
    '## Declared unsupported',
    '',
    ...results.flatMap((one) => listOf(one, ({ outcome }) => outcome === 'unsupported', explanations)),
  ].join('\n')
}

function verdictRow(result: CorpusResult): string[] {
  const counts = tally(result)
  const bar = BARS[result.name]
  const notRun = [...result.leftOut.values()].reduce((sum, one) => sum + one, 0)
  const wanted = [
    ...(bar !== undefined && bar.agreement > 0 ? [percent(bar.agreement)] : []),
    ...(bar?.noFalseAccept ? ['no false accept'] : []),
  ]
  return [
    result.name,
    String(result.cases),
    String(counts.scored),
    percent(counts.agreement),
    wanted.join(', '),
    String(counts['false-accept']),
    String(counts['false-reject']),
    String(counts.differ),
    String(counts.unsupported),
    String(counts['left-out'] + notRun),
  ]
}

function factRows({ name, judged }: CorpusResult): string[][] {
  const told = new Map<string, { all: number; agree: number }>()
  for (const fact of judged.flatMap(({ facts }) => facts)) {
    const row = told.get(fact.name) ?? { all: 0, agree: 0 }
    told.set(fact.name, { all: row.all + 1, agree: row.agree + (fact.agrees ? 1 : 0) })
  }
  return [...told].map(([fact, { all, agree }]) => [name, fact, String(all), String(agree)])
}

function listOf(
  { name, judged }: CorpusResult,
  wanted: (one: Judged) => boolean,
  explanations: Explanations,
): string[] {
  const found = judged.filter(wanted)
  if (found.length === 0) return []
  return [`### ${name}`, '', ...found.map((one) => line(one, explanations)), '']
}

function line({ id, expected, answered, outcome, why }: Judged, explanations: Explanations): string {
  const words = explanations[id]
  const found = [why, words].filter((part) => part !== undefined && part !== '').join(' **·** ')
  const kind = outcome === 'unsupported' ? '' : ` (${outcome})`
  return `- \`${id}\`: expected ${expected}, answered ${answered}${kind}${found === '' ? '' : `. ${found}`}`
}
