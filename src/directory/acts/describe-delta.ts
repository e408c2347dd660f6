import type { Bilingual } from '../../domain/bilingual.ts'
import { type Delta, FACT_KINDS } from '../../domain/directory/fact.ts'
import { atOnce, type Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { comparingFacts } from './changes.ts'
import { describeValue } from './describe-value.ts'
import type { Change } from './outcome.ts'
import { nameOf } from './step.ts'
import { WHILE_OPEN } from './workbench.ts'

/** One line of what a revision would change, or has changed. */
export interface DescribedChange extends Change {
  /** The agency or group, as it is called on the first day. */
  readonly name: string
  /** The whole line, with its days. */
  readonly text: Bilingual
}

/**
 * What a delta changes, for people: by agency and day. What only ends because its agency closes is not told by itself.
 * @param snapshot the directory before it
 */
export const describeDelta = (snapshot: DirectorySnapshot, delta: Delta): DescribedChange[] =>
  atOnce(describingDelta(snapshot, delta))

/** As `describeDelta`, in steps. */
export function* describingDelta(snapshot: DirectorySnapshot, delta: Delta): Sliced<DescribedChange[]> {
  const retracted = delta.retracted.flatMap((id) => snapshot.factById(id) ?? [])
  const { index, view } = snapshot.fork()
  for (const fact of retracted) {
    index.remove(fact)
    yield
  }
  for (const [at, fact] of delta.asserted.entries()) {
    index.add({ ...fact, id: -1 - at, assertedIn: snapshot.revision + 1, retractedIn: null })
    yield
  }
  const bySubject = new Map<string, Change[]>()
  for (const change of withoutImplied(yield* comparingFacts(retracted, delta.asserted)))
    bySubject.set(change.subject, [...(bySubject.get(change.subject) ?? []), change])
  const described: DescribedChange[] = []
  for (const [, changes] of [...bySubject].sort(([a], [b]) => compare(a, b)))
    for (const change of changes.sort((a, b) => compare(a.from, b.from))) {
      described.push(describe(view, change))
      yield
    }
  return described
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function withoutImplied(changes: readonly Change[]): Change[] {
  const closings = new Set(
    changes
      .filter(({ kind, after }) => kind === 'existence' && after === undefined)
      .map(({ subject, from }) => `${subject} ${from}`),
  )
  return changes.filter(
    ({ subject, kind, from, after }) =>
      kind === 'existence' ||
      after !== undefined ||
      !WHILE_OPEN.some((one) => one === kind) ||
      !closings.has(`${subject} ${from}`),
  )
}

function describe(view: DirectorySnapshot, change: Change): DescribedChange {
  const { subject, kind, from, to, before, after } = change
  const name = nameOf(view, subject, from)
  const { label } = FACT_KINDS[kind]
  const say = (value: Change['before']): Bilingual | undefined =>
    value && describeValue(kind, value, (code) => nameOf(view, code, from))
  const what = kind === 'existence' ? existenceText(after) : valueText(label, say(before), say(after))
  return {
    ...change,
    name,
    text: {
      vi: `Từ ${from}${to === null ? '' : ` đến trước ${to}`}: ${name}: ${what.vi}`,
      en: `From ${from}${to === null ? '' : ` until before ${to}`}: ${name}: ${what.en}`,
    },
  }
}

const existenceText = (after: Change['after']): Bilingual =>
  after === undefined ? { vi: 'không hoạt động', en: 'is not open' } : { vi: 'hoạt động', en: 'is open' }

function valueText(label: Bilingual, was: Bilingual | undefined, is: Bilingual | undefined): Bilingual {
  const none = { vi: 'không có', en: 'none' }
  const line = (language: keyof Bilingual): string =>
    `${label[language]}: ${was === undefined ? '' : `${was[language]} → `}${(is ?? none)[language]}`
  return { vi: line('vi'), en: line('en') }
}
