import { FACT_KINDS, type FactKind, type NewFact } from '../../domain/directory/fact.ts'
import { byTopic } from '../../domain/directory/fact-values.ts'
import { overlap, uncovered } from '../../domain/directory/intervals.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { nameOf, type Remark } from './step.ts'
import { WHILE_OPEN } from './workbench.ts'

/** What a check finds: a remark on a subject, to be told at the act that last wrote of the kind. */
export interface Finding {
  readonly subject: AgencyCode
  readonly kind: FactKind
  readonly severity: 'error' | 'warning'
  readonly remark: Omit<Remark, 'field'>
}

/** A check of one subject, of whom the acts wrote these kinds; for all days. */
export type Check = (
  view: DirectorySnapshot,
  subject: AgencyCode,
  kinds: ReadonlySet<FactKind>,
) => readonly Finding[]

export const error = (subject: AgencyCode, kind: FactKind, remark: Finding['remark']): Finding => ({
  subject,
  kind,
  severity: 'error',
  remark,
})

/** Facts of one topic never hold on the same day. */
export const checkOverlaps: Check = (view, subject, kinds) => {
  const facts = view.factsOf(subject).filter(({ kind }) => kinds.has(kind))
  return [...byTopic<NewFact>(facts).values()].flatMap((topic) => {
    const sorted = topic.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
    return sorted.flatMap((fact, at) => {
      const both = at > 0 ? overlap(sorted[at - 1]!, fact) : undefined
      if (both === undefined) return []
      const { label } = FACT_KINDS[fact.kind]
      const name = nameOf(view, subject, fact.validFrom)
      return error(subject, fact.kind, {
        code: 'facts-overlap',
        found: both.validFrom,
        vi: `${name}: có hai dữ kiện khác nhau về ${label.vi} cho ngày ${both.validFrom}.`,
        en: `${name}: two facts say its ${label.en} for ${both.validFrom}.`,
      })
    })
  })
}

/** While an agency is open it has a name and a placement; when it is not it has neither these nor an endpoint. */
export const checkCoverage: Check = (view, subject, kinds) => {
  const isOpenTouched = kinds.has('existence')
  const open = view.factsOfKind(subject, 'existence')
  const needed = (['name', 'placement'] as const).filter((kind) => isOpenTouched || kinds.has(kind))
  const missing = needed.flatMap((kind) =>
    open
      .flatMap((days) => uncovered(days, view.factsOfKind(subject, kind)))
      .slice(0, 1)
      .map(({ validFrom }) =>
        error(subject, kind, {
          code: `${kind}-missing`,
          found: validFrom,
          vi: `${nameOf(view, subject, validFrom)} hoạt động vào ngày ${validFrom} nhưng không có ${FACT_KINDS[kind].label.vi}.`,
          en: `${nameOf(view, subject, validFrom)} is open on ${validFrom} without a ${FACT_KINDS[kind].label.en}.`,
        }),
      ),
  )
  const stray = view.factsOf(subject).flatMap((fact) => {
    const bound = WHILE_OPEN.some((kind) => kind === fact.kind) && (isOpenTouched || kinds.has(fact.kind))
    const days = bound ? uncovered(fact, open)[0] : undefined
    if (days === undefined) return []
    const { label } = FACT_KINDS[fact.kind]
    return error(subject, fact.kind, {
      code: 'fact-while-closed',
      found: days.validFrom,
      vi: `${nameOf(view, subject, days.validFrom)} không hoạt động vào ngày ${days.validFrom} nhưng vẫn có ${label.vi}.`,
      en: `${nameOf(view, subject, days.validFrom)} is not open on ${days.validFrom}, but has a ${label.en} then.`,
    })
  })
  return [...missing, ...stray]
}

/** Agencies that may bear one alias, one after the other: each is held against all the others. */
const MOST_BEARERS = 200

/** A spelling stands for one agency a day, and never for an agency and an alias at once. */
export const checkAliases: Check = (view, subject, kinds) => {
  const taken = (alias: string, kind: FactKind, other: AgencyCode, day: string): Finding =>
    error(subject, kind, {
      code: kind === 'alias' ? 'alias-taken' : 'code-taken',
      found: alias,
      vi: `${alias} vào ngày ${day} đã là mã hoặc mã khác của ${nameOf(view, other, day)}.`,
      en: `${alias} is the code or an alias of ${nameOf(view, other, day)} on ${day} already.`,
    })
  const found: Finding[] = []
  if (kinds.has('alias'))
    for (const fact of view.factsOfKind(subject, 'alias')) {
      const { alias } = fact.value
      const bearers = view.aliasFacts(alias)
      const codes = view.factsOf(alias as AgencyCode).filter(isIdentity)
      const rival =
        bearers.length > MOST_BEARERS
          ? bearers.find((other) => other.subject !== subject)
          : [...bearers, ...codes].find((other) => other.subject !== subject && overlap(fact, other))
      const day = rival && (overlap(fact, rival) ?? fact).validFrom
      if (rival !== undefined && day !== undefined) found.push(taken(alias, 'alias', rival.subject, day))
    }
  for (const fact of view.factsOf(subject))
    if (isIdentity(fact) && kinds.has(fact.kind))
      for (const rival of view.aliasFacts(subject)) {
        const both = overlap(fact, rival)
        if (both !== undefined) found.push(taken(subject, fact.kind, rival.subject, both.validFrom))
      }
  return found
}

/** What makes a code stand for something. */
const isIdentity = ({ kind }: NewFact): boolean => kind === 'existence' || kind === 'group'

/** Groups and agencies share the namespace of codes. */
export const checkNamespace: Check = (view, subject, kinds) => {
  if (!kinds.has('group') && !kinds.has('existence')) return []
  const facts = view.factsOf(subject)
  if (!facts.some(({ kind }) => kind === 'group') || !facts.some(({ kind }) => kind === 'existence'))
    return []
  return [
    error(subject, kinds.has('group') ? 'group' : 'existence', {
      code: 'code-taken',
      found: subject,
      vi: `${subject} không thể vừa là mã cơ quan vừa là mã nhóm nơi nhận.`,
      en: `${subject} cannot be the code of an agency and of an address group.`,
    }),
  ]
}
