import type { Element } from '../element.ts'
import { EDXML_NAMESPACE } from '../names.ts'
import { type ElementRule, limitOf } from './element-rule.ts'
import type { FaultList } from './fault-list.ts'
import { FORMATS } from './formats.ts'

/** Whether an element says nothing: packets carry `<ResponseFor/>`, also with four empty children, for "none". */
export const isBlank = (element: Element): boolean => element.text === '' && element.children.every(isBlank)

/** Checks an element and all below it against its rule. */
export function checkElement(element: Element, rule: ElementRule, list: FaultList): void {
  if (element.namespace !== EDXML_NAMESPACE) checkForeign(element, rule, list)
  if (rule.opaque) return
  if (rule.children === undefined) checkText(element, rule, list)
  else checkChildren(element, rule.children, list)
}

function checkForeign(element: Element, rule: ElementRule, list: FaultList): void {
  const details = { found: element.namespace, expected: EDXML_NAMESPACE }
  if (rule.decides) list.at(element, 'element-foreign', details)
  else if (!rule.opaque && element.parent?.namespace !== element.namespace) {
    list.at(element, 'namespace-unexpected', details)
  }
}

function checkText(element: Element, rule: ElementRule, list: FaultList): void {
  if (element.interrupted || element.children.length > 0) {
    // A comment alone in an empty element hides no part of a value.
    if (!isBlank(element)) list.at(element, 'text-interrupted', { found: element.text })
  }
  if (element.text === '') return
  checkLength(element, rule, list)
  if (rule.format === undefined) return
  const { check, expected } = FORMATS[rule.format]
  const code = check(element.text)
  if (code !== undefined) list.at(element, code, { found: element.text, expected })
}

function checkLength(element: Element, rule: ElementRule, list: FaultList): void {
  const limit = limitOf(rule)
  // Code units are counted first, of which there are as many as characters or more.
  if (element.text.length <= Math.min(limit, rule.max ?? limit)) return
  // No list is made of a value of any length.
  const length = element.text.length > 2 * limit ? element.text.length : [...element.text].length
  const found = `${length} characters`
  if (rule.max !== undefined && length > rule.max) {
    list.at(element, 'value-too-long', { found, expected: `<= ${rule.max} characters` })
  }
  if (length > limit) list.at(element, 'value-beyond-limit', { found, expected: `<= ${limit} characters` })
}

const NONE: readonly Element[] = []

function checkChildren(element: Element, rules: readonly ElementRule[], list: FaultList): void {
  if (element.text !== '') list.at(element, 'text-unexpected', { found: element.text })
  const groups = groupByName(element.children)
  for (const rule of rules) checkGroup(element, rule, groups.get(rule.name) ?? NONE, list)
  const known = namesOf(rules)
  for (const [name, [first]] of groups) {
    if (!known.has(name) && first !== undefined) list.at(first, 'element-unknown', { found: name })
  }
}

const names = new WeakMap<readonly ElementRule[], ReadonlySet<string>>()

/** The rules of an element are the same for every packet. */
function namesOf(rules: readonly ElementRule[]): ReadonlySet<string> {
  const known = names.get(rules) ?? new Set(rules.map((rule) => rule.name))
  names.set(rules, known)
  return known
}

function checkGroup(parent: Element, rule: ElementRule, group: readonly Element[], list: FaultList): void {
  const filled = group.length === 0 ? group : group.filter((element) => !isBlank(element))
  if (filled.length === 0 && rule.need !== 'optional') {
    const code = rule.need === 'needed' ? 'element-missing' : 'element-wanted'
    list.under(parent, rule.name, code, { line: (group[0] ?? parent).line })
  } else if (group.length > 1 && !rule.many) {
    const code = rule.decides || rule.once ? 'element-repeated' : 'element-repeated-ignored'
    list.at(group[1]!, code, { found: `${group.length} × ${rule.name}`, expected: `1 × ${rule.name}` })
  }
  if (rule.most !== undefined && filled.length > rule.most) {
    list.at(filled[rule.most]!, 'limit-exceeded', { expected: `${rule.name} <= ${rule.most}` })
    return
  }
  // A blank one beside others is a fault of its own where the element is needed: a recipient without a code.
  const checked = rule.need === 'needed' && filled.length > 0 ? group : filled
  for (const element of checked) checkElement(element, rule, list)
}

function groupByName(elements: readonly Element[]): Map<string, Element[]> {
  const groups = new Map<string, Element[]>()
  for (const element of elements) {
    const group = groups.get(element.name)
    if (group === undefined) groups.set(element.name, [element])
    else group.push(element)
  }
  return groups
}
