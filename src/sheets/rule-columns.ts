import { CHANNELS } from '../domain/channel-id.ts'
import type { QuietHours, TableRule } from '../domain/routing-rule.ts'
import { URGENCIES, type Urgency } from '../domain/urgency.ts'
import { joinList } from './list-cell.ts'
import { code, day, line, listOf, oneOf, ruleId, tier, time, wholeNumber } from './readers.ts'
import type { Column } from './table.ts'

/** Language of the header, and of labels in cells. Both are understood when a file is read. */
export type SheetLanguage = 'vi' | 'en'

interface RuleColumn<K extends string> extends Column<K> {
  /** What stands in its cell for a rule; left out where it says nothing. */
  readonly show: (rule: TableRule, language: SheetLanguage) => string | undefined
}

const column = <K extends string>(
  key: K,
  names: readonly [vi: string, en: string],
  helps: readonly [vi: string, en: string],
  rest: Omit<RuleColumn<K>, 'key' | 'name' | 'help'>,
): RuleColumn<K> => ({
  key,
  name: { vi: names[0], en: names[1] },
  help: { vi: helps[0], en: helps[1] },
  ...rest,
})

const URGENCY_LABELS = Object.fromEntries(Object.entries(URGENCIES).map(([id, { label }]) => [id, label]))
const URGENCY = oneOf(URGENCY_LABELS)
const CHANNEL = oneOf(Object.fromEntries(Object.entries(CHANNELS).map(([id, { label }]) => [id, label])))

const urgency = (value: Urgency | undefined, language: SheetLanguage): string | undefined =>
  value === undefined ? undefined : URGENCIES[value].label[language]
const quiet = (part: keyof Omit<QuietHours, 'passedFrom'>) => (rule: TableRule) => rule.quietHours?.[part]

/** The routing table as people fill it in: one rule a row, the first that applies decides. */
export const RULE_COLUMNS = [
  column(
    'id',
    ['Mã quy tắc', 'Rule'],
    [
      'Không trùng trong bảng; có trong lời giải thích của mỗi lượt chuyển',
      'Unique in the table; named in explanations',
    ],
    { reader: ruleId, required: true, width: 24, show: ({ id }) => id },
  ),
  column('recipient', ['Nơi nhận', 'Recipient'], ['Chỉ áp dụng cho cơ quan này', 'Only for this agency'], {
    reader: code,
    show: (rule) => rule.recipient,
  }),
  column(
    'under',
    ['Nơi nhận thuộc', 'Recipient under'],
    ['Cơ quan này và mọi cơ quan bên dưới', 'For this agency and all beneath it'],
    { reader: code, show: (rule) => rule.under },
  ),
  column('tier', ['Cấp', 'Tier'], ['Cấp của nơi nhận', "The recipient's tier"], {
    reader: tier,
    show: (rule) => rule.tier,
  }),
  column(
    'documentType',
    ['Loại văn bản', 'Document type'],
    ['Tên loại theo NĐ 30/2020 điều 7', 'The name of NĐ 30/2020 art. 7'],
    { reader: line(200), show: (rule) => rule.documentType },
  ),
  column(
    'urgencyAtLeast',
    ['Độ khẩn từ', 'Urgency from'],
    ['Độ khẩn này hoặc cao hơn; 0–4 hoặc tên', 'This urgency or a higher one; 0–4 or its name'],
    { reader: URGENCY, show: (rule, language) => urgency(rule.urgencyAtLeast, language) },
  ),
  column('sender', ['Nơi gửi', 'Sender'], ['Chỉ văn bản của cơ quan này', 'Only what this agency sends'], {
    reader: code,
    show: (rule) => rule.sender,
  }),
  column(
    'senderUnder',
    ['Nơi gửi thuộc', 'Sender under'],
    ['Nơi gửi là cơ quan này hoặc ở bên dưới', 'The sender is this agency or beneath it'],
    { reader: code, show: (rule) => rule.senderUnder },
  ),
  column(
    'validFrom',
    ['Từ ngày', 'From day'],
    ['Ngày đầu tiên áp dụng', 'The first day on which it applies'],
    {
      reader: day,
      show: (rule) => rule.validFrom,
    },
  ),
  column(
    'validTo',
    ['Đến trước ngày', 'Before day'],
    ['Ngày đầu tiên không còn áp dụng', 'The first day on which it applies no more'],
    { reader: day, show: (rule) => rule.validTo },
  ),
  column('channel', ['Kênh', 'Channel'], ['Đường đi', 'Which way it goes'], {
    reader: CHANNEL,
    required: true,
    show: ({ channel }) => channel,
  }),
  column(
    'gateway',
    ['Trục nhận', 'Gateway'],
    ['Khi kênh là gateway: cơ quan vận hành trục đó', 'With the channel gateway: the agency that runs it'],
    { reader: code, show: (rule) => rule.gateway },
  ),
  column(
    'fallback',
    ['Kênh dự phòng', 'Fall-back'],
    [
      'Thử lần lượt khi kênh chính không đi được; cách nhau bằng dấu chấm phẩy',
      'Tried in this order; between semicolons',
    ],
    { reader: listOf(CHANNEL, 4), show: ({ fallback }) => fallback && joinList(fallback) },
  ),
  column(
    'quietFrom',
    ['Giờ nghỉ từ', 'Quiet from'],
    [
      'Văn bản chờ từ giờ này; cần đủ cả ba cột giờ nghỉ',
      'Deliveries wait from this hour; with the next two columns',
    ],
    { reader: time, show: quiet('from') },
  ),
  column('quietTo', ['Giờ nghỉ đến', 'Quiet to'], ['Có thể sang ngày hôm sau', 'It may be on the next day'], {
    reader: time,
    show: quiet('to'),
  }),
  column(
    'quietPassedFrom',
    ['Không nghỉ từ độ khẩn', 'Not quiet from urgency'],
    ['Độ khẩn này hoặc cao hơn thì không chờ', 'This urgency or a higher one does not wait'],
    { reader: URGENCY, show: ({ quietHours }, language) => urgency(quietHours?.passedFrom, language) },
  ),
  column(
    'maxBytes',
    ['Cỡ tối đa (byte)', 'Largest packet (bytes)'],
    ['Gói lớn hơn đi kênh dự phòng', 'A larger packet goes by the fall-back'],
    { reader: wholeNumber(1, Number.MAX_SAFE_INTEGER), show: ({ maxBytes }) => maxBytes?.toString() },
  ),
  column('comment', ['Ghi chú', 'Comment'], ['Cho người đọc bảng', 'For those who read the table'], {
    reader: line(500),
    width: 40,
    show: (rule) => rule.comment,
  }),
] as const

export type RuleColumnKey = (typeof RULE_COLUMNS)[number]['key']
