import type { Fault } from '../../../domain/fault.ts'
import { timeOfDay } from '../../../domain/quiet-hours.ts'
import { firstDayOf, type PlacedRule, ruleFault, type TableWorld } from './table-world.ts'

/** What can be said of a rule's tier, days and hours without looking at any other rule. */
export const checkFields = (world: TableWorld, at: PlacedRule): Fault[] => [
  ...checkTier(world, at),
  ...checkDays(world, at),
  ...checkQuietHours(world, at),
]

function checkTier(world: TableWorld, at: PlacedRule): Fault[] {
  const { tier } = at.rule
  if (tier === undefined) return []
  const found = world.tiers.find(({ code }) => code === tier)
  if (found === undefined)
    return [
      ruleFault(world, at, {
        code: 'tier-unknown',
        field: 'tier',
        found: tier,
        expected: world.tiers.map(({ code }) => code).join(', '),
        hint: { vi: `Không có cấp ${tier}.`, en: `There is no tier ${tier}.` },
      }),
    ]
  if (found.closedOn === null || found.closedOn > firstDayOf(at.rule, world)) return []
  return [
    ruleFault(world, at, {
      code: 'tier-closed',
      severity: 'warning',
      field: 'tier',
      found: tier,
      hint: {
        vi: `Cấp này đã đóng từ ${found.closedOn}; quy tắc không còn áp dụng cho ai.`,
        en: `This tier is closed from ${found.closedOn}; the rule applies to nobody.`,
      },
    }),
  ]
}

function checkDays(world: TableWorld, at: PlacedRule): Fault[] {
  const { validFrom, validTo } = at.rule
  if (validTo === undefined) return []
  if (validFrom !== undefined && validTo <= validFrom)
    return [
      ruleFault(world, at, {
        code: 'days-reversed',
        field: 'validTo',
        found: validTo,
        hint: {
          vi: `Ngày hết hạn phải sau ngày bắt đầu (${validFrom}).`,
          en: `The rule must end after the day on which it begins (${validFrom}).`,
        },
      }),
    ]
  if (validTo > world.today) return []
  return [
    ruleFault(world, at, {
      code: 'rule-past',
      severity: 'warning',
      field: 'validTo',
      found: validTo,
      hint: {
        vi: 'Quy tắc đã hết hạn khi bảng có hiệu lực: có thể xóa.',
        en: 'The rule has ended before the table takes effect: it can go.',
      },
    }),
  ]
}

function checkQuietHours(world: TableWorld, at: PlacedRule): Fault[] {
  const quiet = at.rule.quietHours
  if (quiet === undefined) return []
  const malformed = (['from', 'to'] as const).filter((end) => timeOfDay(quiet[end]) === undefined)
  if (malformed.length > 0)
    return malformed.map((end) =>
      ruleFault(world, at, {
        code: 'quiet-hours-malformed',
        field: `quietHours/${end}`,
        found: quiet[end],
        expected: 'HH:mm',
        hint: { vi: 'Ghi giờ theo dạng HH:mm, giờ Việt Nam.', en: 'Write HH:mm, Vietnam time.' },
      }),
    )
  if (quiet.from !== quiet.to && quiet.passedFrom > 0) return []
  return [
    ruleFault(world, at, {
      code: 'quiet-hours-empty',
      field: 'quietHours',
      found: `${quiet.from}–${quiet.to}, ${quiet.passedFrom}`,
      hint: {
        vi: 'Giờ yên lặng này không giữ lại văn bản nào: hai giờ trùng nhau, hoặc mọi độ khẩn đều được đi qua.',
        en: 'These quiet hours hold back nothing: they end when they begin, or every urgency passes.',
      },
    }),
  ]
}
