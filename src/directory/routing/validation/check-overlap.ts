import type { Fault } from '../../../domain/fault.ts'
import type { AgencyCode } from '../../../domain/identifiers.ts'
import type { RuleConditions, TableRule } from '../../../domain/routing-rule.ts'
import type { Sliced } from '../../slices.ts'
import { candidates, type Lookup } from '../compile-table.ts'
import {
  channelsOf,
  isConnected,
  isPast,
  type PlacedRule,
  placed,
  ruleFault,
  type TableWorld,
} from './table-world.ts'

/** Rules that say the same as an earlier one, say the contrary, or are never reached because of one. */
export function* checkOverlap(world: TableWorld): Sliced<Fault[]> {
  const faults: Fault[] = []
  for (const at of placed(world)) {
    const fault = isPast(at.rule, world) ? undefined : withEarlier(world, at)
    if (fault !== undefined) faults.push(fault)
    yield
  }
  return faults
}

function withEarlier(world: TableWorld, at: PlacedRule): Fault | undefined {
  for (const place of candidates(world.compiled, lookupOf(world, at.rule))) {
    if (place >= at.place) break
    const fault = between(world, { rule: world.rules[place]!, place }, at)
    if (fault !== undefined) return fault
  }
  return undefined
}

function between(world: TableWorld, earlier: PlacedRule, later: PlacedRule): Fault | undefined {
  if (haveSameConditions(earlier.rule, later.rule) && !isForLarger(world, earlier.rule, later.rule))
    return outcomeOf(earlier.rule) === outcomeOf(later.rule)
      ? shadowed(world, earlier, later)
      : ambiguous(world, earlier, later)
  const hides = takesAll(world, earlier.rule) && covers(world, earlier.rule, later.rule)
  return hides ? shadowed(world, earlier, later) : undefined
}

/** What every document that a rule is about has in common. */
function lookupOf({ lineOf, snapshot, today }: TableWorld, rule: TableRule): Lookup {
  const { recipient, under, sender, senderUnder, documentType } = rule
  const line = (code: AgencyCode | undefined) => (code === undefined ? [] : lineOf(code))
  const tier = rule.tier ?? (recipient && snapshot.agency(recipient, today)?.tier)
  return {
    facts: {
      recipient: { ...(recipient !== undefined && { code: recipient }), ...(tier !== undefined && { tier }) },
      ...(sender !== undefined && { sender }),
      documentType,
    },
    recipientLine: [...line(recipient), ...line(under)],
    senderLine: [...line(sender), ...line(senderUnder)],
  }
}

type Condition = keyof RuleConditions

/** Whether whatever a rule is about is also what an earlier one is about, by one condition of the earlier one. */
const COVERS: {
  readonly [C in Condition]: (
    wanted: NonNullable<RuleConditions[C]>,
    rule: TableRule,
    world: TableWorld,
  ) => boolean
} = {
  recipient: (code, rule) => rule.recipient === code,
  under: (code, { recipient, under }, { lineOf }) =>
    [recipient, under].some((one) => one !== undefined && lineOf(one).includes(code)),
  tier: (tier, { recipient, tier: own }, { snapshot, today }) =>
    tier === (own ?? (recipient && snapshot.agency(recipient, today)?.tier)),
  documentType: (type, rule) => rule.documentType === type,
  urgencyAtLeast: (urgency, rule) => (rule.urgencyAtLeast ?? 0) >= urgency,
  sender: (code, rule) => rule.sender === code,
  senderUnder: (code, { sender, senderUnder }, { lineOf }) =>
    [sender, senderUnder].some((one) => one !== undefined && lineOf(one).includes(code)),
  validFrom: (day, rule, { today }) => day <= today || (rule.validFrom ?? '0') >= day,
  validTo: (day, rule) => (rule.validTo ?? '9999-99-99') <= day,
}

const CONDITIONS = Object.keys(COVERS) as Condition[]

const coversBy = <C extends Condition>(
  condition: C,
  earlier: TableRule,
  later: TableRule,
  world: TableWorld,
): boolean => {
  const wanted = earlier[condition]
  return wanted === undefined || COVERS[condition](wanted as NonNullable<RuleConditions[C]>, later, world)
}

const covers = (world: TableWorld, earlier: TableRule, later: TableRule): boolean =>
  CONDITIONS.every((condition) => coversBy(condition, earlier, later, world))

const haveSameConditions = (one: TableRule, other: TableRule): boolean =>
  CONDITIONS.every((condition) => one[condition] === other[condition])

/** Whether a rule decides for every document that it is about, whatever its size and its recipient's endpoint. */
function takesAll(world: TableWorld, rule: TableRule): boolean {
  const { channel, fallback = [], maxBytes } = rule
  const always = maxBytes === undefined ? [channel, ...fallback] : fallback
  return always.some((one) => one !== 'https-push' && isConnected(one, rule, world))
}

/** Whether a rule takes the documents that are too large for an earlier one. */
const isForLarger = (world: TableWorld, earlier: TableRule, later: TableRule): boolean =>
  earlier.maxBytes !== undefined &&
  (later.maxBytes ?? Number.POSITIVE_INFINITY) > earlier.maxBytes &&
  !takesAll(world, earlier)

const outcomeOf = (rule: TableRule): string =>
  JSON.stringify([
    channelsOf(rule),
    rule.gateway ?? null,
    rule.maxBytes ?? null,
    rule.quietHours && [rule.quietHours.from, rule.quietHours.to, rule.quietHours.passedFrom],
  ])

const ambiguous = (world: TableWorld, { rule }: PlacedRule, later: PlacedRule): Fault =>
  ruleFault(world, later, {
    code: 'rule-ambiguous',
    found: later.rule.id,
    expected: rule.id,
    hint: {
      vi: `Cùng điều kiện với quy tắc ${rule.id} nhưng kết quả khác. Dùng kênh dự phòng (fallback) nếu ý là vậy.`,
      en: `It has the conditions of the rule ${rule.id}, and another outcome. Use fallback if that is what is meant.`,
    },
  })

const shadowed = (world: TableWorld, { rule }: PlacedRule, later: PlacedRule): Fault =>
  ruleFault(world, later, {
    code: 'rule-shadowed',
    severity: 'warning',
    found: later.rule.id,
    expected: rule.id,
    hint: {
      vi: `Không bao giờ được dùng đến: quy tắc ${rule.id} đứng trước đã quyết định hết.`,
      en: `It is never reached: the rule ${rule.id} before it decides whatever it is about.`,
    },
  })
