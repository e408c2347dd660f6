import type { NewFact } from '../../domain/directory/fact.ts'
import type { Succession } from '../../domain/directory/succession.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { TierCode } from '../../domain/tier.ts'

/** The first day of the codes of QĐ 20/2020/QĐ-TTg. */
export const FIRST_DAY = '2020-09-15'

/** The day on which districts ended and provinces and communes merged (NQ 202/2025/QH15). */
export const CHANGE_DAY = '2025-07-01'

export interface SeedAgency {
  readonly code: string
  readonly name: string
  readonly tier: TierCode
  readonly parent: string | null
  readonly from: string
  readonly to: string | null
  /** Under whom it comes on the day of the change, where that is another. */
  readonly laterParent?: string
  /** Whether it had a code of 13 characters before 2020 (QCVN 102:2016). */
  readonly aliased?: boolean
}

/** What is said of an agency that begins, and perhaps ends. */
export function* agencyFacts(agency: SeedAgency): Generator<NewFact> {
  const { name, tier, from, to, parent, laterParent } = agency
  const subject = agencyCode(agency.code)
  const interval = { validFrom: from, validTo: to }
  yield { subject, kind: 'existence', value: {}, ...interval }
  yield { subject, kind: 'name', value: { name }, ...interval }
  const placed = (above: string | null, validFrom: string, validTo: string | null): NewFact => ({
    subject,
    kind: 'placement',
    value: { tier, parent: above === null ? null : agencyCode(above) },
    validFrom,
    validTo,
  })
  if (laterParent === undefined) yield placed(parent, from, to)
  else {
    yield placed(parent, from, CHANGE_DAY)
    yield placed(laterParent, CHANGE_DAY, to)
  }
  if (agency.aliased === true) {
    const value = { alias: oldSpelling(agency.code), form: 'qcvn-13' as const }
    yield { subject, kind: 'alias', value, validFrom: from, validTo: null }
  }
}

/** How an agency ends on the day of the change. */
export function successionFact(code: string, value: Succession): NewFact {
  return { subject: agencyCode(code), kind: 'succession', value, validFrom: CHANGE_DAY, validTo: null }
}

/** A succession by which one agency takes over everything. */
export const intoOne = (
  heir: string,
  act: Succession['act'],
  policy: Partial<Pick<Succession, 'whenAddressed' | 'whenInFlight'>> = {},
): Succession => ({
  act,
  heirs: [{ code: agencyCode(heir) }],
  main: agencyCode(heir),
  whenAddressed: 'redirect',
  whenInFlight: 'redirect',
  basis: '202/2025/QH15',
  ...policy,
})

/** `000.00.15.H51` for `H51.15`: the usual reading of QCVN 102:2016, of four levels of 1, 2, 2 and 3 digits. */
function oldSpelling(code: string): string {
  const [first, second = '00', third = '00', fourth = '000'] = code.split('.')
  return `${fourth}.${third}.${second}.${first}`
}
