import type { AgencyCode } from '../../domain/identifiers.ts'
import { type AgencyRow, ALIAS_FORMS } from '../../sheets/agencies-sheet.ts'
import type { Placed } from './field-acts.ts'

interface NewAgency {
  readonly row: AgencyRow
  readonly on: string
}

/** New agencies, each after those that it stands beneath. In a circle any order is as good; the draft is refused. */
export function establishActs(agencies: readonly NewAgency[]): Placed[] {
  const byCode = new Map(agencies.map((each) => [each.row.code, each]))
  const done = new Set<AgencyCode>()
  const acts: Placed[] = []
  for (const agency of agencies) {
    // From the agency up; without recursion, for a file may hold a line of parents as long as it is.
    const line: NewAgency[] = []
    for (
      let at: NewAgency | undefined = agency;
      at !== undefined && !done.has(at.row.code);
      at = at.row.parent ? byCode.get(at.row.parent) : undefined
    ) {
      done.add(at.row.code)
      line.push(at)
    }
    acts.push(...line.reverse().map(establishAct))
  }
  return acts
}

function establishAct({ row: agency, on }: NewAgency): Placed {
  const { row, code, name, tier, parent, aliases } = agency
  const spellings = ALIAS_FORMS.flatMap((form) => (aliases[form] ?? []).map((alias) => ({ alias, form })))
  return {
    act: {
      act: 'establish',
      on,
      code,
      name: name ?? '',
      tier: tier ?? '',
      parent: parent ?? null,
      ...(spellings.length > 0 && { aliases: spellings }),
    },
    row,
  }
}
