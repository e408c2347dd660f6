import fc from 'fast-check'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { CHANNEL_IDS, type ChannelId } from '../../../../src/domain/channel-id.ts'
import type { EndpointValue, Fact, NewFact } from '../../../../src/domain/directory/fact.ts'
import { type AgencyCode, agencyCode } from '../../../../src/domain/identifiers.ts'
import type { RouteFacts, RuleConditions, TableRule } from '../../../../src/domain/routing-rule.ts'
import type { Urgency } from '../../../../src/domain/urgency.ts'

export const DAY = '2026-11-20'

export interface AgencySketch {
  readonly code: string
  readonly parent?: string
  readonly tier?: string
  readonly endpoint?: EndpointValue
  readonly until?: string
}

export const push = (reaches: EndpointValue['reaches'] = 'itself'): EndpointValue => ({
  channel: 'https-push',
  url: 'https://dms.vn/notices',
  reaches,
})

/** A snapshot of these agencies, open since 2020. */
export function snapshotOf(agencies: readonly AgencySketch[], revision = 3): DirectorySnapshot {
  const facts = agencies.flatMap(({ code, parent, tier = 'province', endpoint, until }) => {
    const about = { subject: agencyCode(code), validFrom: '2020-01-01', validTo: until ?? null }
    const said: NewFact[] = [
      { ...about, kind: 'existence', value: {} },
      { ...about, kind: 'name', value: { name: `Cơ quan ${code}` } },
      {
        ...about,
        kind: 'placement',
        value: { tier, parent: parent === undefined ? null : agencyCode(parent) },
      },
    ]
    if (endpoint !== undefined) said.push({ ...about, kind: 'endpoint', value: endpoint })
    return said
  })
  return DirectorySnapshot.of(revision, numbered(facts))
}

/** Facts as they are on record. */
export const numbered = (facts: readonly NewFact[]): Fact[] =>
  facts.map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null }))

export const factsTo = (
  snapshot: DirectorySnapshot,
  recipient: string,
  given: Partial<Omit<RouteFacts, 'recipient'>> = {},
): RouteFacts => ({
  sender: agencyCode('G22'),
  documentType: 'Công văn',
  urgency: 0,
  bytes: 1_000,
  day: DAY,
  ...given,
  recipient: snapshot.agency(agencyCode(recipient), given.day ?? DAY)!,
})

const CODES = ['G09', 'G22', 'H01', 'H01.1', 'H01.1.7', 'H02', 'H02.3'] as const
const TIERS = ['central', 'province', 'commune'] as const
const TYPES = ['Công văn', 'Báo cáo'] as const
const DAYS = ['2026-11-01', '2026-11-19', DAY, '2026-11-21', '2026-12-01'] as const
const urgency = fc.constantFrom<Urgency>(0, 1, 2, 3, 4)
const code = fc.constantFrom(...CODES).map(agencyCode)
const parentOf = (child: string): string | undefined => child.split('.').slice(0, -1).join('.') || undefined

/** Small directories: some with endpoints of their own, some that speak for those beneath. */
export const snapshots: fc.Arbitrary<DirectorySnapshot> = fc
  .array(
    fc.record({
      tier: fc.constantFrom(...TIERS),
      endpoint: fc.option(
        fc.constantFrom<EndpointValue>(push(), push('subtree'), {
          channel: 'mailbox',
          url: null,
          reaches: 'subtree',
        }),
        { nil: undefined },
      ),
    }),
    { minLength: CODES.length, maxLength: CODES.length },
  )
  .map((rows) =>
    snapshotOf(
      rows.map(({ tier, endpoint }, index) => ({
        code: CODES[index]!,
        tier,
        ...(parentOf(CODES[index]!) && { parent: parentOf(CODES[index]!)! }),
        ...(endpoint && { endpoint }),
      })),
    ),
  )

const conditions = fc.record({
  recipient: code,
  under: code,
  tier: fc.constantFrom(...TIERS),
  documentType: fc.constantFrom(...TYPES),
  urgencyAtLeast: urgency,
  sender: code,
  senderUnder: code,
  validFrom: fc.constantFrom(...DAYS),
  validTo: fc.constantFrom(...DAYS),
})
const CONDITIONS = [
  'recipient',
  'under',
  'tier',
  'documentType',
  'urgencyAtLeast',
  'sender',
  'senderUnder',
  'validFrom',
  'validTo',
] as const satisfies (keyof RuleConditions)[]

/** A rule has few conditions, or none of many would ever apply. */
const rule: fc.Arbitrary<Omit<TableRule, 'id'>> = fc
  .tuple(
    conditions,
    fc.subarray([...CONDITIONS], { maxLength: 2 }),
    fc.record(
      {
        channel: fc.constantFrom(...CHANNEL_IDS),
        gateway: code,
        fallback: fc.subarray([...CHANNEL_IDS], { maxLength: 2 }),
        maxBytes: fc.constantFrom(500, 5_000),
      },
      { requiredKeys: ['channel'] },
    ),
  )
  .map(([all, kept, rest]) => ({
    ...rest,
    ...Object.fromEntries(kept.map((condition) => [condition, all[condition]])),
  }))

export const tables: fc.Arbitrary<{ revision: number; rules: TableRule[] }> = fc
  .array(rule, { maxLength: 14 })
  .map((list) => ({ revision: 7, rules: list.map((one, index) => ({ id: `rule-${index}`, ...one })) }))

export const usables: fc.Arbitrary<ReadonlySet<ChannelId>> = fc
  .subarray<ChannelId>(['national-axis', 'gateway'])
  .map((connected) => new Set<ChannelId>(['mailbox', 'https-push', ...connected]))

/** What a decision is asked about; the recipient by its code. */
export const questions: fc.Arbitrary<Partial<RouteFacts> & { to: AgencyCode }> = fc.record({
  to: code,
  sender: code,
  documentType: fc.option(fc.constantFrom(...TYPES), { nil: undefined }),
  urgency,
  bytes: fc.constantFrom(100, 1_000, 10_000),
  day: fc.constantFrom(...DAYS),
})
