import type { RuleConditions, TableRule } from '../../domain/routing-rule.ts'
import type { RouteSubject } from './route-subject.ts'

type Condition = keyof RuleConditions

/** Whether each condition holds; asked only where the rule has it. */
const HOLDS: {
  readonly [C in Condition]: (wanted: NonNullable<RuleConditions[C]>, subject: RouteSubject) => boolean
} = {
  recipient: (code, { facts }) => code === facts.recipient.code,
  under: (code, { recipientLine }) => recipientLine.includes(code),
  tier: (tier, { facts }) => tier === facts.recipient.tier,
  documentType: (type, { facts }) => type === facts.documentType,
  urgencyAtLeast: (urgency, { facts }) => facts.urgency >= urgency,
  sender: (code, { facts }) => code === facts.sender,
  senderUnder: (code, { senderLine }) => senderLine.includes(code),
  validFrom: (day, { facts }) => day <= facts.day,
  validTo: (day, { facts }) => facts.day < day,
}

const CONDITIONS = Object.keys(HOLDS) as Condition[]

/** A rule with a condition: which of them is one more type than a table can tell the compiler. */
const holds = <C extends Condition>(condition: C, rule: TableRule, subject: RouteSubject): boolean => {
  const wanted = rule[condition]
  return wanted === undefined || HOLDS[condition](wanted as NonNullable<RuleConditions[C]>, subject)
}

/** The first condition of a rule that does not hold; undefined where all do. */
export const failingCondition = (rule: TableRule, subject: RouteSubject): Condition | undefined =>
  CONDITIONS.find((condition) => !holds(condition, rule, subject))
