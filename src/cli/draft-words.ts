import type { Bilingual } from '../domain/bilingual.ts'
import { DRAFT_KINDS, DRAFT_STATES, type Draft } from '../domain/draft.ts'
import type { Fault } from '../domain/fault.ts'

export const say = ({ vi, en }: Bilingual): void => console.log(`${vi} / ${en}`)

/** A draft for people: what it is, who wrote it, what is told of it. */
export function tellDraft(draft: Draft): void {
  const state = DRAFT_STATES[draft.state]
  const kind = DRAFT_KINDS[draft.kind]
  console.log(`${draft.id}  ${kind.vi} / ${kind.en}  ${state.vi} / ${state.en}`)
  console.log(draft.title)
  console.log(`  version ${draft.version}  sha256 ${draft.contentSha256}  base ${draft.base}`)
  console.log(`  authors ${draft.authors.join(', ')}  approvers ${draft.approvers.join(', ') || '-'}`)
  if (draft.effectiveAt !== null) console.log(`  effective ${draft.effectiveAt.toISOString()}`)
  if (draft.revision !== null) console.log(`  revision ${draft.revision}`)
  if (draft.conflict !== null)
    console.log(
      `  conflict: base ${draft.conflict.base}, live ${draft.conflict.live} ${draft.conflict.subjects.join(' ')}`,
    )
  tellFaults(draft.warnings)
}

export function tellFaults(faults: readonly Fault[]): void {
  for (const { code, severity, path = '', hint } of faults) {
    console.log(`  ${severity} ${code} ${path}`)
    say({ vi: `    ${hint.vi}`, en: hint.en })
  }
}
