import { pick } from '../../../scripts/bench/routing/random.ts'
import { CHANNEL_IDS, ENDPOINT_CHANNEL_IDS } from '../../../src/domain/channel-id.ts'
import type { NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../src/domain/routing-rule.ts'

type Random = () => number

export const CODES = ['G1', 'H1', 'H2', 'D1', 'D2', 'X1', 'X2', 'X3'].map(agencyCode)
const TIERS = ['central', 'province', 'province', 'district', 'district', 'commune', 'commune', 'commune']
export const TYPES = ['Công văn', 'Quyết định', 'Báo cáo'] as const
/** Days around one on which everything changes. */
const DAYS = ['2025-06-30', '2025-07-01', '2025-07-02'] as const
const CLOCKS = ['00:00', '00:01', '05:30', '12:00', '22:00', '23:59'] as const

/** Agencies on three levels; some have another parent from 1 July on, or an endpoint for a while. */
export function worldFacts(random: Random): NewFact[] {
  return CODES.flatMap((subject, place): NewFact[] => {
    const always = { subject, validFrom: '2020-01-01', validTo: null }
    const above = () => (place < 3 ? null : pick(random, place < 5 ? CODES.slice(1, 3) : CODES.slice(1, 5)))
    const tier = TIERS[place]!
    const moves = random() < 0.5
    return [
      { ...always, kind: 'existence', value: {} },
      { ...always, kind: 'name', value: { name: subject } },
      {
        ...always,
        validTo: moves ? '2025-07-01' : null,
        kind: 'placement',
        value: { tier, parent: above() },
      },
      ...(moves
        ? [
            {
              ...always,
              validFrom: '2025-07-01',
              kind: 'placement',
              value: { tier: pick(random, TIERS), parent: above() },
            } as const,
          ]
        : []),
      ...(random() < 0.5 ? [endpoint(random, subject)] : []),
    ]
  })
}

const endpoint = (random: Random, subject: NewFact['subject']): NewFact => ({
  subject,
  validFrom: pick(random, ['2020-01-01', ...DAYS]),
  validTo: pick(random, [null, '2025-07-03']),
  kind: 'endpoint',
  value: {
    channel: pick(random, ENDPOINT_CHANNEL_IDS),
    url: random() < 0.7 ? 'https://x.vn/' : null,
    reaches: pick(random, ['itself', 'subtree'] as const),
  },
})

export function someRule(random: Random, place: number): TableRule {
  const maybe = <K extends keyof TableRule>(key: K, chance: number, make: () => TableRule[K]) =>
    random() < chance ? { [key]: make() } : {}
  const channel = pick(random, CHANNEL_IDS)
  return {
    id: `r${place}`,
    ...maybe('recipient', 0.2, () => pick(random, CODES)),
    ...maybe('under', 0.3, () => pick(random, CODES)),
    ...maybe('tier', 0.2, () => pick(random, TIERS)),
    ...maybe('documentType', 0.3, () => pick(random, TYPES)),
    ...maybe('urgencyAtLeast', 0.2, () => pick(random, [0, 1, 2, 3, 4] as const)),
    ...maybe('sender', 0.2, () => pick(random, CODES)),
    ...maybe('senderUnder', 0.2, () => pick(random, CODES)),
    ...maybe('validFrom', 0.25, () => pick(random, DAYS)),
    ...maybe('validTo', 0.25, () => pick(random, DAYS)),
    channel,
    ...maybe('fallback', 0.4, () => CHANNEL_IDS.filter((one) => one !== channel && random() < 0.5)),
    ...maybe('maxBytes', 0.4, () => pick(random, [1_000, 2_000])),
    ...maybe('gateway', 0.6, () => pick(random, CODES)),
    ...maybe('quietHours', 0.5, () => ({
      from: pick(random, CLOCKS),
      to: pick(random, CLOCKS),
      passedFrom: pick(random, [1, 2, 3] as const),
    })),
  }
}

/** On a minute of the clocks above, a millisecond before it, or anywhere. */
export function someInstant(random: Random): Date {
  const at = Date.parse(`${pick(random, DAYS)}T${pick(random, CLOCKS)}:00+07:00`)
  const off = random()
  return new Date(off < 0.4 ? at : off < 0.7 ? at - 1 : at + Math.floor(random() * 43_200_000))
}

export const someRecipient = (random: Random) => pick(random, CODES)
export const someSender = (random: Random) => pick(random, CODES)
