import type { Element } from '../element.ts'
import { isBlank } from './check-element.ts'
import type { ElementRule } from './element-rule.ts'
import type { FaultList } from './fault-list.ts'

/** Some readers ignore case, and some systems spell `Business`: what a reader might take for the element is told. */
const keyOf = (name: string): string => name.toLowerCase().replaceAll('bussiness', 'business')

/** The names of all elements that decide, below any of these rules. */
export function decidingNames(...rules: readonly ElementRule[]): ReadonlySet<string> {
  const below = rules.flatMap(({ children = [] }) => [...decidingNames(...children)])
  return new Set([...rules.filter(({ decides }) => decides).map(({ name }) => keyOf(name)), ...below])
}

/**
 * Tells elements that decide and stand where no rule has them: a reader that looks for local names anywhere would act
 * on them, and one that goes by the structure would not.
 * @param rule that of `element`; undefined where it is unknown itself
 */
export function checkPlaces(
  element: Element,
  rule: ElementRule | undefined,
  deciding: ReadonlySet<string>,
  list: FaultList,
): void {
  for (const child of element.children) {
    const known = rule?.children?.find(({ name }) => name === child.name)
    if (known === undefined && deciding.has(keyOf(child.name)) && !isBlank(child)) {
      list.at(child, 'element-misplaced', { found: child.name })
    }
    checkPlaces(child, known, deciding, list)
  }
}
