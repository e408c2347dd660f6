import type { Bilingual } from '../../../domain/bilingual.ts'
import { CHANNELS, type ChannelId, type UsableChannels } from '../../../domain/channel-id.ts'
import type { Fault } from '../../../domain/fault.ts'
import type { AgencyCode } from '../../../domain/identifiers.ts'
import type { TableRule } from '../../../domain/routing-rule.ts'
import type { TierCode } from '../../../domain/tier.ts'
import type { DirectorySnapshot } from '../../snapshot/snapshot.ts'
import { type CompiledTable, compileTable } from '../compile-table.ts'

/** What a routing table is held against, beside the directory. */
export interface TableContext {
  /** Channels with a connector; the others need none. */
  readonly usable: UsableChannels
  /** The day from which it would decide, `yyyy-MM-dd`, Vietnam. */
  readonly today: string
  readonly tiers: readonly { readonly code: TierCode; readonly closedOn: string | null }[]
  /** Days after `today` within which an end is told beforehand; 30 where left out. */
  readonly horizonDays?: number
  /** JSON pointer of the list of rules, for the paths of faults; `#/content` where left out. */
  readonly path?: string
}

/** A table under examination: what its checks share. */
export interface TableWorld extends Omit<TableContext, 'horizonDays' | 'path'> {
  readonly rules: readonly TableRule[]
  readonly snapshot: DirectorySnapshot
  readonly compiled: CompiledTable
  readonly horizonDays: number
  readonly path: string
  /** An agency and everybody above it on the first day, the nearest first. */
  readonly lineOf: (code: AgencyCode) => readonly AgencyCode[]
}

export function tableWorld(
  rules: readonly TableRule[],
  snapshot: DirectorySnapshot,
  context: TableContext,
): TableWorld {
  const lines = new Map<AgencyCode, readonly AgencyCode[]>()
  const lineOf = (code: AgencyCode) => {
    const line = lines.get(code) ?? [code, ...snapshot.ancestors(code, context.today)]
    lines.set(code, line)
    return line
  }
  return {
    ...context,
    rules,
    snapshot,
    compiled: compileTable({ revision: 0, rules }),
    horizonDays: context.horizonDays ?? 30,
    path: context.path ?? '#/content',
    lineOf,
  }
}

/** One rule and its place in the table. */
export interface PlacedRule {
  readonly rule: TableRule
  readonly place: number
}

export const placed = ({ rules }: TableWorld): PlacedRule[] => rules.map((rule, place) => ({ rule, place }))

/** The first day on which a rule can decide anything. */
export const firstDayOf = ({ validFrom }: TableRule, { today }: TableWorld): string =>
  validFrom !== undefined && validFrom > today ? validFrom : today

/** Whether a rule has ended before the table would decide. */
export const isPast = ({ validTo }: TableRule, { today }: TableWorld): boolean =>
  validTo !== undefined && validTo <= today

export const channelsOf = ({ channel, fallback = [] }: TableRule): readonly ChannelId[] => [
  channel,
  ...fallback,
]

/** Whether the gateway itself can use a channel of a rule; a recipient's endpoint is another question. */
export const isConnected = (
  channel: ChannelId,
  { gateway }: Pick<TableRule, 'gateway'>,
  { usable }: Pick<TableContext, 'usable'>,
): boolean => CHANNELS[channel].needs !== 'connector' || usable.has(channel, gateway)

/** A fault of one rule, or of one field of it. */
export function ruleFault(
  { path }: TableWorld,
  { place }: PlacedRule,
  fault: {
    readonly code: string
    readonly severity?: Fault['severity']
    readonly field?: string
    readonly found?: string | undefined
    readonly expected?: string | undefined
    readonly hint: Bilingual
  },
): Fault {
  return {
    code: fault.code,
    severity: fault.severity ?? 'error',
    path: `${path}/${place}${fault.field === undefined ? '' : `/${fault.field}`}`,
    ...(fault.found !== undefined && { found: fault.found }),
    ...(fault.expected !== undefined && { expected: fault.expected }),
    hint: fault.hint,
  }
}
