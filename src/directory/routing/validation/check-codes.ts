import type { Fault } from '../../../domain/fault.ts'
import type { AgencyCode } from '../../../domain/identifiers.ts'
import { meantBy } from '../../acts/named-agencies.ts'
import { successorOn } from './successor-on.ts'
import { firstDayOf, isPast, type PlacedRule, ruleFault, type TableWorld } from './table-world.ts'

/** The fields that name an agency, and whether a rule can still do something once that one has closed. */
const FIELDS = {
  recipient: { outlives: false },
  under: { outlives: true },
  sender: { outlives: false },
  senderUnder: { outlives: true },
  gateway: { outlives: false },
} as const

type Field = keyof typeof FIELDS

/** Every agency that a rule names is one, by its very code, and open while the rule holds. */
export const checkCodes = (world: TableWorld, at: PlacedRule): Fault[] =>
  (Object.keys(FIELDS) as Field[]).flatMap((field) => {
    const code = at.rule[field]
    return code === undefined ? [] : checkCode(world, at, field, code)
  })

function checkCode(world: TableWorld, at: PlacedRule, field: Field, code: AgencyCode): Fault[] {
  const { snapshot, today } = world
  if (snapshot.isGroup(code)) return [isGroup(world, at, field, code)]
  if (snapshot.agency(code, today) === undefined) return [unknown(world, at, field, code)]
  return isPast(at.rule, world) ? [] : checkOpen(world, at, field, code)
}

function checkOpen(world: TableWorld, at: PlacedRule, field: Field, code: AgencyCode): Fault[] {
  const { snapshot } = world
  const first = firstDayOf(at.rule, world)
  const end = at.rule.validTo ?? '9999-12-31'
  const during = snapshot
    .factsOfKind(code, 'existence')
    .filter(({ validFrom, validTo }) => validFrom < end && (validTo === null || validTo > first))
  const closes = during
    .map(({ validTo }) => validTo)
    .sort((a, b) => (a ?? '9999').localeCompare(b ?? '9999'))
    .at(-1)
  if (during.length > 0 && (closes == null || closes >= end)) return []
  const successor = successorOn(snapshot, code, closes ?? first)
  const name = snapshot.agency(code, first)?.name ?? code
  if (closes != null) return [closing(world, at, field, { code, name, on: closes, successor })]
  return [
    ruleFault(world, at, {
      code: 'agency-closed',
      severity: FIELDS[field].outlives ? 'warning' : 'error',
      field,
      found: code,
      expected: successor?.code,
      hint: {
        vi: `${name} (${code}) không hoạt động trong thời gian của quy tắc${successor ? `; cơ quan kế thừa: ${successor.name} (${successor.code})` : ''}.`,
        en: `${name} (${code}) is not open while the rule holds${successor ? `; its successor is ${successor.name} (${successor.code})` : ''}.`,
      },
    }),
  ]
}

interface Closing {
  readonly code: AgencyCode
  readonly name: string
  readonly on: string
  readonly successor: { readonly code: AgencyCode; readonly name: string } | undefined
}

const closing = (world: TableWorld, at: PlacedRule, field: Field, { code, name, on, successor }: Closing) =>
  ruleFault(world, at, {
    code: 'agency-closes',
    severity: 'warning',
    field,
    found: code,
    expected: successor?.code,
    hint: {
      vi: `${name} (${code}) đóng từ ${on}, trước khi quy tắc hết hạn${successor ? `; cơ quan kế thừa: ${successor.name} (${successor.code})` : ''}.`,
      en: `${name} (${code}) closes from ${on}, before the rule ends${successor ? `; its successor is ${successor.name} (${successor.code})` : ''}.`,
    },
  })

/** A rule is compared with codes: an alias would never match. */
const unknown = (world: TableWorld, at: PlacedRule, field: Field, code: AgencyCode): Fault =>
  ruleFault(world, at, {
    code: 'agency-unknown',
    field,
    found: code,
    expected: meantBy(world.snapshot, code, world.today),
    hint: {
      vi: `Không có cơ quan nào mang mã ${code} trong danh bạ.`,
      en: `No agency in the directory has the code ${code}.`,
    },
  })

const isGroup = (world: TableWorld, at: PlacedRule, field: Field, code: AgencyCode): Fault =>
  ruleFault(world, at, {
    code: 'agency-is-group',
    field,
    found: code,
    hint: {
      vi: `${code} là nhóm nơi nhận: nhóm được mở ra trước khi định tuyến. Hãy dùng mã cơ quan, under hoặc tier.`,
      en: `${code} is an address group, and groups are expanded before routing: name an agency, under or tier.`,
    },
  })
