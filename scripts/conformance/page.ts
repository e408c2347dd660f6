import { table } from '../docs/markdown.ts'
import type { Fact, Judged } from './judged.ts'
import type { CorpusResult } from './run-corpus.ts'
import { BARS, percent, tally } from './tally.ts'

/** Why the verifier answers otherwise than expected. Words for the page; they change no score. */
export interface Explanations {
  /** By the id of the case. */
  readonly verdicts: Readonly<Record<string, string>>
  /** One fact of several cases, where the reason is the same. */
  readonly facts: readonly FactExplanation[]
}

export interface FactExplanation {
  readonly fact: string
  readonly cases: readonly string[]
  readonly why: string
}

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
    'declared *unsupported* counts neither way, and *left out* is what the makers dispute or know from one engine alone,',
    'and what this judge cannot put to the verifier, each with its reason below. Agreement is over the rest.',
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
    '### Facts that differ',
    '',
    ...results.flatMap((one) => differingFacts(one, explanations)),
    '## Disagreements',
    '',
    ...results.flatMap((one) => listOf(one, isDisagreement, explanations)),
    '## Left out',
    '',
    ...results.flatMap((one) => leftOut(one, explanations)),
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

/** The facts that differ, those of one reason in one line. */
function differingFacts({ name, judged }: CorpusResult, { facts }: Explanations): string[] {
  const lines = new Map<string, string[]>()
  for (const { id, facts: told } of judged) {
    const differing = told.filter(({ agrees }) => !agrees)
    for (const fact of new Set(differing.map((one) => one.name))) {
      const these = differing.filter((one) => one.name === fact)
      const why = facts.find((one) => one.fact === fact && one.cases.includes(id))?.why ?? NOT_EXPLAINED
      const words = [...new Set(these.map(inWords))].join(', ')
      const times = these.length > 1 ? ` (${these.length} times)` : ''
      const key = `${fact}: ${why}`
      lines.set(key, [...(lines.get(key) ?? []), `\`${id}\`: ${words}${times}`])
    }
  }
  if (lines.size === 0) return []
  const bullets = [...lines].map(([key, cases]) => `- ${key} **·** ${cases.join('; ')}`)
  return [`#### ${name}`, '', ...bullets, '']
}

const NOT_EXPLAINED = 'not explained yet.'
const inWords = ({ expected, answered }: Fact): string =>
  `expected ${String(expected)}, answered ${answered === null ? 'unknown' : String(answered)}`

/** What is scored by nobody: by a rule of this judge, or because its makers are not sure themselves. */
function leftOut({ name, judged, leftOut: notRun }: CorpusResult, { verdicts }: Explanations): string[] {
  const lines = [
    ...[...notRun].map(([reason, count]) => `- ${count} ${count === 1 ? 'case' : 'cases'}: ${reason}.`),
    ...judged
      .filter(({ outcome }) => outcome === 'left-out')
      .map(
        ({ id, expected, answered }) =>
          `- \`${id}\`: expected ${expected}, answered ${answered}. ${verdicts[id] ?? NOT_SURE[expected] ?? NOT_SURE.other}`,
      ),
  ]
  return lines.length === 0 ? [] : [`### ${name}`, '', ...lines, '']
}

const NOT_SURE: Readonly<Record<string, string>> & { readonly other: string } = {
  disputed: 'The engines that its makers asked disagree.',
  other: 'Its makers know the expectation from one engine alone, or with low confidence.',
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
  const words = explanations.verdicts[id]
  const found = [why, words].filter((part) => part !== undefined && part !== '').join(' **·** ')
  const kind = outcome === 'unsupported' ? '' : ` (${outcome})`
  return `- \`${id}\`: expected ${expected}, answered ${answered}${kind}${found === '' ? '' : `. ${found}`}`
}
