import { isDeepStrictEqual } from 'node:util'
import type { Act } from '../../domain/directory/act.ts'
import type { ContactPoint, EndpointValue, FactValues } from '../../domain/directory/fact.ts'
import type { AgencyRecord } from '../../domain/directory/record.ts'
import { type AgencyRow, ALIAS_FORMS, aliasColumn } from '../../sheets/agencies-sheet.ts'
import type { AgencyColumnKey } from '../../sheets/agency-columns.ts'

/** An act, and the cell that asks for it. */
export interface Placed {
  readonly act: Act
  readonly row?: number
  readonly column?: AgencyColumnKey
}

/** What ends comes before what begins: another agency may get what this one has had. */
export interface EndedAndAdded {
  readonly ended: readonly Placed[]
  readonly added: readonly Placed[]
}

/** Another name, tier or parent. */
export function placeActs(
  { row, code, name, tier, parent }: AgencyRow,
  record: AgencyRecord,
  on: string,
): Placed[] {
  const acts: Placed[] = []
  if (typeof name === 'string' && name !== record.name)
    acts.push({ act: { act: 'rename', on, code, name }, row, column: 'name' })
  const newTier = typeof tier === 'string' && tier !== record.tier ? { tier } : undefined
  const newParent = parent !== undefined && parent !== record.parent ? { parent } : undefined
  if (newTier !== undefined || newParent !== undefined)
    acts.push({
      act: { act: 'move', on, code, ...newTier, ...newParent },
      row,
      column: newParent === undefined ? 'tier' : 'parent',
    })
  return acts
}

/** Aliases of the forms that have a column. */
export function aliasActs(
  { row, code, aliases }: AgencyRow,
  before: readonly FactValues['alias'][],
  on: string,
): EndedAndAdded {
  const ended: Placed[] = []
  const added: Placed[] = []
  for (const form of ALIAS_FORMS) {
    const wanted = aliases[form]
    if (wanted === undefined) continue
    const had = before.filter((each) => each.form === form).map(({ alias }) => alias)
    const place = { row, column: aliasColumn(form) }
    for (const alias of had)
      if (!wanted.includes(alias)) ended.push({ act: { act: 'end-alias', on, code, alias }, ...place })
    for (const alias of new Set(wanted))
      if (!had.includes(alias)) added.push({ act: { act: 'add-alias', on, code, alias, form }, ...place })
  }
  return { ended, added }
}

export function contactActs(
  { row, code, contacts }: AgencyRow,
  before: readonly ContactPoint[],
  on: string,
): EndedAndAdded {
  if (contacts === undefined) return { ended: [], added: [] }
  const place = { row, column: 'contactRole' } as const
  const ended = before
    .filter(({ role }) => !contacts.some((contact) => contact.role === role))
    .map(({ role }): Placed => ({ act: { act: 'end-contact', on, code, role }, ...place }))
  const added = contacts
    .filter((contact) => !before.some((earlier) => isDeepStrictEqual(earlier, contact)))
    .map((contact): Placed => ({ act: { act: 'set-contact', on, code, contact }, ...place }))
  return { ended, added }
}

export function endpointActs(
  { row, code, endpoint }: AgencyRow,
  before: EndpointValue | null,
  on: string,
): Placed[] {
  if (endpoint === undefined || isDeepStrictEqual(endpoint, before)) return []
  return [{ act: { act: 'set-endpoint', on, code, endpoint }, row, column: 'channel' }]
}
