import { FACT_KINDS, type FactKind, type FactValues, type NewFact } from './fact.ts'

type Keys = { readonly [K in FactKind]: (value: FactValues[K]) => string }
const keyIn = <K extends FactKind>(kind: K, value: FactValues[K], keys: Keys): string => keys[kind](value)
const KEYS = Object.fromEntries(Object.entries(FACT_KINDS).map(([kind, { key }]) => [kind, key])) as Keys

/** What tells a fact from others of its subject and kind that may hold on the same day; empty where none may. */
export const keyOf = (fact: NewFact): string => keyIn(fact.kind, fact.value, KEYS)

/** A text that two values share exactly where they say the same, in whatever order their fields were written. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

export const saysTheSame = (a: NewFact['value'], b: NewFact['value']): boolean =>
  a === b || canonical(a) === canonical(b)

/** Subject, kind and key: of facts that share them, no two hold on the same day. */
const topicOf = (fact: NewFact): string => `${fact.subject}\n${fact.kind}\n${keyOf(fact)}`

/** Facts by their topics. */
export function byTopic<F extends NewFact>(facts: Iterable<F>): Map<string, F[]> {
  const topics = new Map<string, F[]>()
  for (const fact of facts) addToTopic(topics, fact)
  return topics
}

export function addToTopic<F extends NewFact>(topics: Map<string, F[]>, fact: F): void {
  const topic = topicOf(fact)
  const list = topics.get(topic)
  if (list === undefined) topics.set(topic, [fact])
  else list.push(fact)
}
