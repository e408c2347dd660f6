import type { Bilingual } from '../../domain/bilingual.ts'
import type { DefaultRule, DeliveryExplanation, Objection } from '../../domain/routing-rule.ts'

/** Why a rule, or a channel that it names, was passed over. */
export const OBJECTIONS: Readonly<Record<Objection, Bilingual>> = {
  recipient: { vi: 'dành cho nơi nhận khác', en: 'is for another recipient' },
  under: { vi: 'nơi nhận không thuộc cơ quan này', en: 'the recipient does not stand beneath that agency' },
  tier: { vi: 'nơi nhận ở cấp khác', en: 'the recipient is of another tier' },
  documentType: { vi: 'dành cho loại văn bản khác', en: 'is for another kind of document' },
  urgencyAtLeast: { vi: 'văn bản chưa đủ mức độ khẩn', en: 'the document is not urgent enough' },
  sender: { vi: 'dành cho nơi gửi khác', en: 'is for another sender' },
  senderUnder: { vi: 'nơi gửi không thuộc cơ quan này', en: 'the sender does not stand beneath that agency' },
  validFrom: { vi: 'chưa có hiệu lực vào ngày này', en: 'does not apply yet on this day' },
  validTo: { vi: 'đã hết hiệu lực vào ngày này', en: 'does not apply any more on this day' },
  'no-endpoint': { vi: 'nơi nhận không có điểm kết nối', en: 'the recipient has no endpoint' },
  'no-connector': { vi: 'trục chưa nối với kênh này', en: 'this gateway has no connector for it' },
  'too-large': { vi: 'gói tin lớn hơn mức cho phép', en: 'the packet is larger than it takes' },
}

/** What decided where no rule did. */
const DEFAULT_RULES: Readonly<Record<DefaultRule, Bilingual>> = {
  'default:own-endpoint': {
    vi: 'mặc định: điểm kết nối của nơi nhận',
    en: "default: the recipient's own endpoint",
  },
  'default:inherited-endpoint': {
    vi: 'mặc định: điểm kết nối của cơ quan cấp trên',
    en: 'default: the endpoint of an agency above it',
  },
  'default:mailbox': { vi: 'mặc định: hộp thư', en: 'default: its mailbox' },
}

const isDefault = (rule: string): rule is DefaultRule => Object.hasOwn(DEFAULT_RULES, rule)

/** The rule that decided, for people. */
export const ruleText = (rule: string): Bilingual =>
  isDefault(rule) ? DEFAULT_RULES[rule] : { vi: `quy tắc ${rule}`, en: `rule ${rule}` }

type Kept = Pick<Partial<DeliveryExplanation>, 'rule' | 'directoryRevision'>

/** Releases without directory revisions kept one word for two defaults. */
const isEarlierDefault = ({ rule, directoryRevision }: Kept): boolean =>
  directoryRevision === undefined && rule === 'default'

/** The rule that a delivery keeps, for people. */
export const keptRuleText = (kept: Kept): Bilingual =>
  isEarlierDefault(kept)
    ? {
        vi: 'mặc định: điểm kết nối của nơi nhận hoặc hộp thư',
        en: "default: the recipient's own endpoint or its mailbox",
      }
    : ruleText(kept.rule ?? '?')

/** Whether the rule that decides now is the one that a delivery keeps. */
export const isSameRule = (kept: Kept, now: string): boolean =>
  isEarlierDefault(kept) ? now === 'default:own-endpoint' || now === 'default:mailbox' : kept.rule === now

/** Why it is this routing table that decides. */
export const TABLE_REASONS = {
  'in-force': {
    vi: 'bảng có hiệu lực gần nhất tính đến thời điểm này',
    en: 'it took effect last by that time',
  },
  'asked-for': { vi: 'phiên bản được hỏi đích danh', en: 'it was asked for by its number' },
  earliest: {
    vi: 'chưa có bảng nào vào thời điểm này; lấy bảng đầu tiên',
    en: 'there was none at that time; this is the first',
  },
} as const satisfies Record<string, Bilingual>

export type TableReason = keyof typeof TABLE_REASONS

/** Whether an agency can send on a day. */
export const SENDER_OUTCOMES = {
  open: { vi: 'đang hoạt động', en: 'open' },
  closed: {
    vi: 'không hoạt động vào ngày này, không gửi được văn bản mới',
    en: 'not open on this day: sends nothing new',
  },
  unknown: { vi: 'không có trong danh bạ', en: 'not in the directory' },
} as const satisfies Record<string, Bilingual>

export type SenderOutcome = keyof typeof SENDER_OUTCOMES
