import type { Fault } from '../../../domain/fault.ts'
import type { AgencyCode } from '../../../domain/identifiers.ts'
import type { TableRule } from '../../../domain/routing-rule.ts'
import { candidates } from '../compile-table.ts'
import {
  channelsOf,
  firstDayOf,
  isConnected,
  isPast,
  type PlacedRule,
  placed,
  ruleFault,
  type TableWorld,
} from './table-world.ts'

/** Unreachable agencies that are named one by one. */
const MOST_NAMED = 100

/**
 * Open agencies for which the table provides, but by no channel that can be used: none of the rules that are about them
 * leads anywhere, no endpoint reaches them, and their documents would lie in a mailbox here that nobody means to read.
 */
export function checkReach(world: TableWorld): Fault[] {
  const dead = placed(world).filter(({ rule }) => isDeadAndDirected(world, rule))
  if (dead.length === 0) return []
  const found: { readonly at: PlacedRule; readonly agency: AgencyCode }[] = []
  let more = 0
  const seen = new Set<AgencyCode>()
  const visit = (at: PlacedRule, agency: AgencyCode): void => {
    if (seen.has(agency)) return
    seen.add(agency)
    if (!isUnreachable(world, agency)) return
    if (found.length < MOST_NAMED) found.push({ at, agency })
    else more++
  }
  for (const at of dead) if (at.rule.recipient !== undefined) visit(at, at.rule.recipient)
  visitBeneath(world, dead, visit)
  return found.map(({ at, agency }, index) => unreachable(world, at, agency, index === 0 ? more : 0))
}

const isDeadAndDirected = (world: TableWorld, rule: TableRule): boolean =>
  !isPast(rule, world) &&
  (rule.recipient !== undefined || rule.under !== undefined) &&
  !channelsOf(rule).some((channel) => isConnected(channel, rule, world))

/** Everybody in the subtrees of dead rules, each once however many rules there are. */
function visitBeneath(
  { snapshot, today }: TableWorld,
  dead: readonly PlacedRule[],
  visit: (at: PlacedRule, agency: AgencyCode) => void,
): void {
  const seen = new Set<AgencyCode>()
  for (const at of dead) {
    const { recipient, under } = at.rule
    if (recipient !== undefined || under === undefined) continue
    const left = [under]
    for (let agency = left.pop(); agency !== undefined; agency = left.pop()) {
      if (seen.has(agency)) continue
      seen.add(agency)
      visit(at, agency)
      left.push(...snapshot.childrenOn(agency, today))
    }
  }
}

/** No rule without a condition on the document leads to it, and no endpoint does. */
function isUnreachable(world: TableWorld, code: AgencyCode): boolean {
  const { snapshot, today, compiled, rules, lineOf } = world
  const agency = snapshot.isOpen(code, today) ? snapshot.agency(code, today) : undefined
  if (agency === undefined || snapshot.endpointFor(code, today) !== undefined) return false
  const about = { facts: { recipient: agency }, recipientLine: lineOf(code), senderLine: [] }
  for (const place of candidates(compiled, about)) {
    const rule = rules[place]!
    const leads = channelsOf(rule).some(
      (channel) => channel !== 'https-push' && isConnected(channel, rule, world),
    )
    if (leads && isForAllDocuments(world, rule) && isAbout(rule, agency.tier, lineOf(code))) return false
  }
  return true
}

const isForAllDocuments = (world: TableWorld, rule: TableRule): boolean =>
  rule.sender === undefined &&
  rule.senderUnder === undefined &&
  rule.documentType === undefined &&
  (rule.urgencyAtLeast ?? 0) === 0 &&
  firstDayOf(rule, world) === world.today &&
  !isPast(rule, world)

const isAbout = (rule: TableRule, tier: string, line: readonly AgencyCode[]): boolean =>
  (rule.recipient ?? line[0]) === line[0] &&
  (rule.under === undefined || line.includes(rule.under)) &&
  (rule.tier ?? tier) === tier

const unreachable = (world: TableWorld, at: PlacedRule, agency: AgencyCode, more: number): Fault => {
  const name = world.snapshot.agency(agency, world.today)?.name ?? agency
  const others = more > 0
  return ruleFault(world, at, {
    code: 'agency-unreachable',
    found: agency,
    hint: {
      vi: `Không còn đường nào tới ${name} (${agency}): mọi quy tắc dành cho cơ quan này đều không dùng được${others ? `; và ${more} cơ quan khác nữa` : ''}.`,
      en: `No way remains to ${name} (${agency}): none of the rules about it can be used${others ? `; and to ${more} others` : ''}.`,
    },
  })
}
