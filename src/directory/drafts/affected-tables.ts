import type { RoutingTable } from '../../db/routing.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { Fault } from '../../domain/fault.ts'
import { dayAfter, vietnamDay, vietnamIso } from '../../domain/vietnam-time.ts'
import { tableInForce } from '../routing/table-in-force.ts'
import { validatingTable } from '../routing/validate-table.ts'
import type { Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { World } from './judgement.ts'

/** Rules of one table that are told one by one; of the others it is told how many. */
const MOST_TOLD = 100

/** What a change of the directory is held against: the tables, and the day on which it has its whole effect. */
interface Change {
  readonly after: DirectorySnapshot
  /** The last day on which something changes, `yyyy-MM-dd`, Vietnam. */
  readonly lastDay: string
}

/**
 * What is wrong with the routing table in force, and with those that are scheduled, once the directory has changed, and
 * is not without that: rules that name who has closed or is not there, agencies that no rule reaches any more, endpoints
 * that are gone. Warnings: the change may be right and the table the one to mend.
 */
export function* affectedTables(world: World, change: Change): Sliced<Fault[]> {
  const told: Fault[] = []
  for (const span of spansOf(world)) told.push(...(yield* affectedTable(world, change, span)))
  return told
}

/** A table with the days on which it decides. */
interface Span {
  readonly table: RoutingTable
  readonly from: string
  /** The first day on which another one decides from midnight on; null where none will. */
  readonly until: string | null
  readonly isInForce: boolean
}

function spansOf({ registry: { tables }, now }: World): Span[] {
  const inForce = tableInForce(tables, now)
  const later = tables
    .filter(({ effectiveFrom }) => effectiveFrom > now)
    .sort((a, b) => a.effectiveFrom.getTime() - b.effectiveFrom.getTime() || a.revision - b.revision)
  return [inForce, ...later].map((table, index) => {
    const next = later[index]
    return {
      table,
      from: vietnamDay(index === 0 ? now : table.effectiveFrom),
      until: next === undefined ? null : vietnamDay(next.effectiveFrom),
      isInForce: index === 0,
    }
  })
}

function* affectedTable(world: World, { after, lastDay }: Change, span: Span): Sliced<Fault[]> {
  const { rules } = span.table
  if (rules.length === 0) return []
  const { usable, tiers, registry } = world
  const path = `#/routing-table/${span.table.revision}`
  const context = { usable, tiers, today: dayOf(span, lastDay), path }
  const found = yield* validatingTable(rules, after, context)
  if (found.length === 0) return []
  const known = new Set((yield* validatingTable(rules, registry.directory, context)).map(keyOf))
  const affected = found.filter((fault) => !known.has(keyOf(fault)))
  const more = affected.length - MOST_TOLD
  return [
    ...affected.slice(0, MOST_TOLD).map((fault) => ofTable(fault, span, path)),
    ...(more > 0 ? [andMore(more, span, path)] : []),
  ]
}

/** The last day of the change, as far as the table still decides then. */
function dayOf({ from, until }: Span, lastDay: string): string {
  const last = until === null || until > lastDay ? lastDay : dayAfter(until, -1)
  return last > from ? last : from
}

const keyOf = ({ code, path, found, expected }: Fault): string =>
  [code, path, found, expected].map((part) => part ?? '').join('\n')

function ofTable(fault: Fault, span: Span, path: string): Fault {
  const place = Number(fault.path?.slice(path.length + 1).split('/')[0])
  const rule = span.table.rules[place]?.id ?? ''
  const { vi, en } = nameOf(span)
  return {
    ...fault,
    severity: 'warning',
    hint: {
      vi: `${vi}, quy tắc ${rule}: ${fault.hint.vi}`,
      en: `${en}, rule ${rule}: ${fault.hint.en}`,
    },
  }
}

function andMore(more: number, span: Span, path: string): Fault {
  const { vi, en } = nameOf(span)
  return {
    code: 'table-affected',
    severity: 'warning',
    path,
    found: String(more),
    hint: { vi: `${vi}: và ${more} lỗi, cảnh báo khác nữa.`, en: `${en}: and ${more} more faults.` },
  }
}

const nameOf = ({ table: { revision, effectiveFrom }, isInForce }: Span): Bilingual =>
  isInForce
    ? {
        vi: `Bảng định tuyến bản ${revision} đang có hiệu lực`,
        en: `Routing table ${revision}, which is in force`,
      }
    : {
        vi: `Bảng định tuyến bản ${revision} có hiệu lực từ ${vietnamIso(effectiveFrom)}`,
        en: `Routing table ${revision}, which takes effect at ${vietnamIso(effectiveFrom)}`,
      }
