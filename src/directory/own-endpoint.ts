import type { Delta, EndpointValue, Fact, NewFact } from '../domain/directory/fact.ts'
import { earlierEnd } from '../domain/directory/intervals.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

type EndpointFact = Extract<Fact, { kind: 'endpoint' }>

/**
 * What to say and take back so that an agency has an endpoint from today on, or none of its own (null), until the next
 * one that is already on record for a later day. A day is the smallest step: what began today is taken back whole.
 * @param facts endpoints of the agency, of every day
 * @param end the first day on which the agency may have none by its own choice; null where there is none
 */
export function endpointFromToday(
  agency: AgencyCode,
  facts: readonly EndpointFact[],
  endpoint: EndpointValue | null,
  today: string,
  end: string | null = null,
): Delta {
  const current = facts.find(({ validFrom, validTo }) => validFrom <= today && (validTo ?? '9999') > today)
  const next = facts
    .map(({ validFrom }) => validFrom)
    .filter((day) => day > today)
    .sort()[0]
  const asserted: NewFact[] = []
  if (current !== undefined && current.validFrom < today) {
    const { subject, kind, value, validFrom } = current
    asserted.push({ subject, kind, value, validFrom, validTo: today })
  }
  if (endpoint !== null)
    asserted.push({
      subject: agency,
      kind: 'endpoint',
      value: endpoint,
      validFrom: today,
      validTo: earlierEnd(next ?? null, end),
    })
  return { asserted, retracted: current === undefined ? [] : [current.id] }
}
