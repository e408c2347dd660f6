import { pick } from '../../scripts/bench/routing/random.ts'
import { CHANNEL_IDS } from '../../src/domain/channel-id.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import type { Heir, Succession } from '../../src/domain/directory/succession.ts'
import { type AgencyCode, agencyCode } from '../../src/domain/identifiers.ts'
import type { QuietHours, TableRule } from '../../src/domain/routing-rule.ts'
import type { Urgency } from '../../src/domain/urgency.ts'

/** Numbers of [0, 1). */
export type Random = () => number

export const TYPES = ['Công văn', 'Quyết định', 'Thông báo', 'Báo cáo'] as const
const ACTS = ['merge', 'split', 'recode', 'closure'] as const
const COUNT = 140

/** Codes of the random agencies: central ones, provinces, communes. */
export const CODES: readonly AgencyCode[] = Array.from({ length: COUNT }, (_, n) => agencyCode(`Z${n + 100}`))
export const GROUPS: readonly AgencyCode[] = Array.from({ length: 8 }, (_, n) => agencyCode(`NHOM-${n}`))
const PROVINCES = CODES.slice(10, 40)
/** Those that stay open all the time. */
export const STEADY: readonly AgencyCode[] = CODES.slice(0, 12)

/** `yyyy-MM-dd`, so many days after another. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** A day of the half year that is tried, which begins with `first`; or of the weeks before. */
const someDay = (random: Random, first: string): string => dayAfter(first, Math.floor(random() * 220) - 20)

const tierOf = (code: AgencyCode): string => {
  const place = CODES.indexOf(code)
  return place < 10 ? 'central' : place < 40 ? 'province' : 'commune'
}

/**
 * A small directory in which everything happens around `first`: agencies begin and close with every kind of succession,
 * also in circles, move, have endpoints for some days, and stand in groups.
 */
export const randomFacts = (random: Random, first: string): NewFact[] => [
  ...CODES.flatMap((code) => agency(random, first, code)),
  ...GROUPS.map((code, place) => group(random, first, code, place)),
]

function agency(random: Random, first: string, code: AgencyCode): NewFact[] {
  const life = STEADY.includes(code) ? 0.5 : random()
  const validFrom = life < 0.1 ? someDay(random, first) : '2020-01-01'
  const end = life > 0.7 ? someDay(random, first) : null
  const validTo = end !== null && end > validFrom ? end : null
  const about = { subject: code, validFrom, validTo }
  return [
    { ...about, kind: 'existence', value: {} },
    { ...about, kind: 'name', value: { name: `Cơ quan ${code}` } },
    ...placements(random, first, about),
    ...(random() < 0.5 ? [alias(code, validFrom)] : []),
    ...(random() < 0.3 ? [endpoint(random, first, code)] : []),
    ...(validTo !== null && random() < 0.85 ? [succession(random, code, validTo)] : []),
  ]
}

type About = Pick<NewFact, 'subject' | 'validFrom' | 'validTo'>

function placements(random: Random, first: string, about: About): NewFact[] {
  const tier = tierOf(about.subject)
  const parent = () => (tier === 'commune' ? pick(random, PROVINCES) : null)
  const value = () => ({ tier, parent: parent() })
  const moved = someDay(random, first)
  const moves = about.validTo === null && moved > about.validFrom && random() < 0.3
  if (!moves) return [{ ...about, kind: 'placement', value: value() }]
  return [
    { ...about, validTo: moved, kind: 'placement', value: value() },
    { ...about, validFrom: moved, kind: 'placement', value: value() },
  ]
}

const alias = (subject: AgencyCode, validFrom: string): NewFact => ({
  subject,
  kind: 'alias',
  value: { alias: `000.00.${subject}`, form: 'free' },
  validFrom,
  validTo: null,
})

export const endpoint = (random: Random, first: string, subject: AgencyCode): NewFact => ({
  subject,
  kind: 'endpoint',
  value: {
    channel: random() < 0.8 ? 'https-push' : 'mailbox',
    url: random() < 0.8 ? `https://${subject.toLowerCase()}.vn/notices` : null,
    reaches: random() < 0.5 ? 'subtree' : 'itself',
  },
  validFrom: someDay(random, first),
  validTo: random() < 0.5 ? null : dayAfter(first, 220),
})

function succession(random: Random, subject: AgencyCode, validFrom: string): NewFact {
  const heirs: Heir[] = [{ code: pick(random, random() < 0.5 ? STEADY : CODES) }]
  if (random() < 0.3) heirs.push({ code: pick(random, CODES), documentTypes: [pick(random, TYPES)] })
  const value: Succession = {
    act: pick(random, ACTS),
    heirs,
    main: random() < 0.85 ? heirs[0]!.code : null,
    whenAddressed: random() < 0.75 ? 'redirect' : 'bounce',
    whenInFlight: 'redirect',
    basis: random() < 0.5 ? '202/2025/QH15' : null,
  }
  return { subject, kind: 'succession', value, validFrom, validTo: null }
}

/** Lists, tiers, what is beneath a province, one that nobody belongs to, and one that is not in force for long. */
function group(random: Random, first: string, subject: AgencyCode, place: number): NewFact {
  const some = () => Array.from({ length: 12 }, () => pick(random, CODES))
  const members = [
    { codes: some() },
    { codes: some() },
    { tier: 'central' },
    { tier: 'commune', under: pick(random, PROVINCES) },
    { parent: pick(random, PROVINCES) },
    { tier: 'district' },
    { codes: [agencyCode('KHONG-CO'), ...some()] },
    { codes: some() },
  ][place]!
  return {
    subject,
    kind: 'group',
    value: { name: `Nhóm ${place}`, members },
    validFrom: '2020-01-01',
    validTo: place === 7 ? dayAfter(first, 30) : null,
  }
}

/** A table in which every condition occurs, alone and together. */
export const randomTable = (random: Random, first: string, count: number): TableRule[] =>
  Array.from({ length: count }, (_, place) => ({
    id: `quy-tac-${place}`,
    ...conditions(random, first),
    ...way(random),
  }))

function conditions(random: Random, first: string): Partial<TableRule> {
  const maybe = <T>(chance: number, make: () => T) => (random() < chance ? make() : undefined)
  const given = {
    recipient: maybe(0.2, () => pick(random, CODES)),
    under: maybe(0.2, () => pick(random, PROVINCES)),
    tier: maybe(0.2, () => pick(random, ['central', 'province', 'commune'])),
    documentType: maybe(0.3, () => pick(random, TYPES)),
    urgencyAtLeast: maybe(0.25, () => pick<Urgency>(random, [1, 2, 3])),
    sender: maybe(0.25, () => pick(random, CODES)),
    senderUnder: maybe(0.15, () => pick(random, CODES)),
    validFrom: maybe(0.15, () => someDay(random, first)),
    validTo: maybe(0.15, () => someDay(random, first)),
  }
  const kept = Object.entries(given).filter(([, value]) => value !== undefined)
  // A rule for everybody would hide all that follow.
  return kept.length < 2 ? { recipient: pick(random, CODES) } : Object.fromEntries(kept)
}

function way(
  random: Random,
): Pick<TableRule, 'channel' | 'fallback' | 'quietHours' | 'maxBytes' | 'gateway'> {
  const channel = pick(random, CHANNEL_IDS)
  const others = CHANNEL_IDS.filter((one) => one !== channel && random() < 0.4)
  const quietHours: QuietHours = {
    from: pick(random, ['21:00', '11:30', '00:00']),
    to: pick(random, ['05:00', '13:30', '20:00']),
    passedFrom: pick<Urgency>(random, [1, 2, 3]),
  }
  return {
    channel,
    ...((channel === 'gateway' || others.includes('gateway')) && { gateway: pick(random, CODES) }),
    ...(others.length > 0 && { fallback: others }),
    ...(random() < 0.3 && { quietHours }),
    ...(random() < 0.3 && { maxBytes: 3_000 + Math.floor(random() * 7_000) }),
  }
}
