import { FACT_KINDS, type FactKind, type FactValues, type NewFact } from '../../domain/directory/fact.ts'
import type { Fault } from '../../domain/fault.ts'

/** What does not fit together in facts that are to fill an empty directory; at most a hundred faults. */
export function checkFacts(facts: readonly NewFact[], tiers: readonly string[]): Fault[] {
  const known = new Set(facts.flatMap(({ kind, subject }) => (kind === 'existence' ? [subject] : [])))
  return [...overlaps(facts), ...strangers(facts, known, new Set(tiers))].slice(0, 100)
}

const keyOf = <K extends FactKind>(kind: K, value: FactValues[K]): string => FACT_KINDS[kind].key(value)

/** Facts of one subject, kind and key that hold on the same day; aliases that lead to two agencies on the same day. */
function* overlaps(facts: readonly NewFact[]): Generator<Fault> {
  const lines = new Map<string, NewFact[]>()
  for (const fact of facts) {
    const of = fact.kind === 'alias' ? '' : fact.subject
    const key = `${fact.kind} ${of} ${keyOf(fact.kind, fact.value)}`
    const line = lines.get(key)
    if (line === undefined) lines.set(key, [fact])
    else line.push(fact)
  }
  for (const line of lines.values()) {
    if (line.length === 1) continue
    line.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
    for (const [index, fact] of line.entries()) {
      const next = line[index + 1]
      if (next === undefined || (fact.validTo !== null && fact.validTo <= next.validFrom)) continue
      yield fault('facts-overlap', next, next.validFrom, {
        vi: `Hai dữ kiện cùng loại của ${next.subject} (${next.kind}) có hiệu lực trong cùng ngày ${next.validFrom}.`,
        en: `Two facts of one kind about ${next.subject} (${next.kind}) hold on the same day, ${next.validFrom}.`,
      })
    }
  }
}

/** Codes and tiers that are named and that nothing is said of. */
function* strangers(
  facts: readonly NewFact[],
  known: ReadonlySet<string>,
  tiers: ReadonlySet<string>,
): Generator<Fault> {
  for (const fact of facts) {
    if (fact.kind === 'placement' && !tiers.has(fact.value.tier))
      yield fault('tier-unknown', fact, fact.value.tier, {
        vi: `Không có cấp ${fact.value.tier}.`,
        en: `There is no tier ${fact.value.tier}.`,
      })
    for (const code of namedBy(fact))
      if (!known.has(code))
        yield fault('agency-unknown', fact, code, {
          vi: `Dữ kiện về ${fact.subject} nêu mã ${code}, nhưng không có dữ kiện nào cho biết cơ quan này hoạt động.`,
          en: `A fact about ${fact.subject} names ${code}, and no fact says that this agency exists.`,
        })
  }
}

/** Codes that must be agencies for a fact to make sense. */
function namedBy(fact: NewFact): readonly string[] {
  if (fact.kind === 'group') return 'codes' in fact.value.members ? fact.value.members.codes : []
  if (fact.kind === 'placement')
    return fact.value.parent === null ? [fact.subject] : [fact.subject, fact.value.parent]
  if (fact.kind === 'succession')
    return [
      ...fact.value.heirs.map(({ code }) => code),
      ...(fact.value.main === null ? [] : [fact.value.main]),
    ]
  return [fact.subject]
}

const fault = (code: string, fact: NewFact, found: string, hint: Fault['hint']): Fault => ({
  code,
  severity: 'error',
  path: `${fact.subject}/${fact.kind}`,
  found,
  hint,
})
