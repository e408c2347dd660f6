import { CHANNELS } from '../../domain/channel-id.ts'
import type { Addressed } from '../../domain/routing-rule.ts'
import { URGENCIES } from '../../domain/urgency.ts'
import { vietnamIso } from '../../domain/vietnam-time.ts'
import type { WayAnswer } from './answer.ts'
import { aliasLine, hopLine, line, type Words } from './lines.ts'

/** Rules that were passed over, of which an answer in words tells the last: those nearest to what decided. */
const MOST_TOLD = 20

/** The way to one agency, as people read it. */
export const narrateWay = (way: WayAnswer, alias: string | null): Words => [
  line(
    `Nơi nhận: ${way.recipient.name} (${way.recipient.code})`,
    `Recipient: ${way.recipient.name} (${way.recipient.code})`,
  ),
  ...aliasLine(alias, way.addressed[0]?.code ?? way.recipient.code),
  ...way.addressed.flatMap(narrateAddressed),
  ...decisionLines(way),
  ...endpointLines(way),
  ...timeLines(way),
  ...triedLines(way),
]

/** The same in short, for one of many members of a group. */
export const narrateMember = (way: WayAnswer): Words => [
  line(`- ${way.recipient.name} (${way.recipient.code})`, `- ${way.recipient.name} (${way.recipient.code})`),
  ...way.addressed.flatMap(({ hops }) => hops.map(hopLine)),
  ...decisionLines(way),
  ...(way.waits ? timeLines(way) : []),
]

/** How a name of the packet led to the recipient; nothing where it was the recipient's own. */
export const narrateAddressed = ({ group, hops }: Addressed): Words => [
  ...(group === undefined
    ? []
    : [
        line(
          `  thuộc nhóm ${group.name} (${group.code})`,
          `  through the group ${group.name} (${group.code})`,
        ),
      ]),
  ...hops.map(hopLine),
]

function decisionLines({
  channel,
  gateway,
  fallback,
  rule,
  ruleText,
  comment,
  fellBackFrom,
}: WayAnswer): Words {
  const { label } = CHANNELS[channel]
  const by = gateway === null ? '' : `: ${gateway.name} (${gateway.code})`
  const why = comment === null ? '' : ` “${comment}”`
  const labels = (language: 'vi' | 'en') => fallback.map((one) => CHANNELS[one].label[language]).join(', ')
  return [
    line(
      `  kênh: ${label.vi}${by}, theo ${ruleText.vi}${why}`,
      `  channel: ${label.en}${by}, by ${ruleText.en}${why}`,
    ),
    ...fellBackFrom.map((one) =>
      line(
        `  ${CHANNELS[one.channel].label.vi} của ${rule} không dùng được: ${one.text.vi}`,
        `  ${CHANNELS[one.channel].label.en} of ${rule} cannot be used: ${one.text.en}`,
      ),
    ),
    ...(fallback.length === 0 ? [] : [line(`  dự phòng: ${labels('vi')}`, `  then: ${labels('en')}`)]),
  ]
}

function endpointLines({ recipient, endpoint, maxBytes }: WayAnswer): Words {
  const limit = maxBytes === null ? [] : [line(`  tối đa ${maxBytes} byte`, `  at most ${maxBytes} bytes`)]
  if (endpoint === null) return limit
  const own = endpoint.of.code === recipient.code
  const url = endpoint.url ?? CHANNELS[endpoint.channel].label.vi
  const of = `${endpoint.of.name} (${endpoint.of.code})`
  return [
    line(
      own ? `  điểm kết nối: ${url}` : `  điểm kết nối: ${url}, của ${of}`,
      own
        ? `  endpoint: ${endpoint.url ?? endpoint.channel}`
        : `  endpoint: ${endpoint.url ?? endpoint.channel}, of ${of}`,
    ),
    ...limit,
  ]
}

function timeLines({ quietHours, sentAt, waits }: WayAnswer): Words {
  const at = vietnamIso(sentAt)
  if (quietHours === null) return [line('  gửi ngay', '  sent at once')]
  const { from, to, passedFrom } = quietHours
  const { label } = URGENCIES[passedFrom]
  return [
    line(
      `  giờ yên lặng ${from}–${to}, trừ văn bản từ mức ${label.vi}: ${waits ? `chờ tới ${at}` : 'gửi ngay'}`,
      `  quiet hours ${from}–${to}, except from ${label.en} on: ${waits ? `waits until ${at}` : 'sent at once'}`,
    ),
  ]
}

function triedLines({ tried, alsoPassed }: WayAnswer): Words {
  const told = tried.slice(-MOST_TOLD)
  const untold = tried.length - told.length + alsoPassed
  return [
    ...(untold === 0
      ? []
      : [line(`  ${untold} quy tắc khác không áp dụng`, `  ${untold} other rules did not apply`)]),
    ...told.map(({ rule, text }) =>
      line(`  không theo quy tắc ${rule}: ${text.vi}`, `  not by rule ${rule}: ${text.en}`),
    ),
  ]
}
