import type { RoutingTable } from '../../db/routing.ts'

/**
 * The table that decides at an instant: the one that took effect last by then, and of two that took effect together the
 * later one.
 * @throws Error where the first takes effect later: tables are read from the one in force on
 */
export function tableInForce(tables: readonly RoutingTable[], instant: Date): RoutingTable {
  const at = (table: RoutingTable): number => table.effectiveFrom.getTime()
  const found = tables
    .filter((table) => at(table) <= instant.getTime())
    .reduce<RoutingTable | undefined>((best, table) => {
      if (best === undefined || at(table) > at(best)) return table
      return at(table) === at(best) && table.revision > best.revision ? table : best
    }, undefined)
  if (found === undefined) throw new Error('no routing table is in force at this instant')
  return found
}
