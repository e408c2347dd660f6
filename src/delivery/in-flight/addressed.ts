import type { AgencyOnDay, SuccessorHop } from '../../domain/directory/resolution.ts'
import type { Addressed, DeliveryExplanation } from '../../domain/routing-rule.ts'

/** The names that a delivery's explanation keeps; none for one that was made before names were kept. */
export const addressedOf = (route: Partial<DeliveryExplanation>): readonly Addressed[] =>
  route.addressed ?? []

/** Every name that led to a recipient leads on by the steps from it to its successor: none is lost on the way. */
export function leadOn(
  addressed: readonly Addressed[],
  recipient: Pick<AgencyOnDay, 'code' | 'name'>,
  hops: readonly SuccessorHop[],
): Addressed[] {
  const { code, name } = recipient
  const names = addressed.length > 0 ? addressed : [{ spelling: code, code, name, hops: [] }]
  return names.map((one) => ({ ...one, hops: [...one.hops, ...hops] }))
}

/** The names of two deliveries that became one, each once. */
export function joinNames(first: readonly Addressed[], second: readonly Addressed[]): Addressed[] {
  const key = ({ spelling, code, group }: Addressed) => JSON.stringify([spelling, code, group?.code])
  return [...new Map([...first, ...second].map((one) => [key(one), one])).values()]
}
