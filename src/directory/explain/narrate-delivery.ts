import { CHANNELS } from '../../domain/channel-id.ts'
import { UNRESOLVABLE } from '../../domain/directory/resolution.ts'
import { vietnamIso } from '../../domain/vietnam-time.ts'
import type { Comparison, NameCompared } from './compare-decision.ts'
import type { DeliveryAnswer } from './explain-delivery.ts'
import { line, type Words } from './lines.ts'
import { narrate } from './narrate.ts'
import { narrateAddressed } from './narrate-way.ts'
import { keptRuleText, OBJECTIONS } from './words.ts'

/** How a delivery's way was decided, as people read it. */
export const narrateDelivery = ({ delivery, decidedAt, then, now }: DeliveryAnswer): Words => [
  line(
    `Lượt chuyển ${delivery.key} của văn bản ${delivery.document}, quyết định lúc ${vietnamIso(decidedAt)}`,
    `Delivery ${delivery.key} of document ${delivery.document}, decided at ${vietnamIso(decidedAt)}`,
  ),
  ...keptLines(delivery),
  ...verdictLines(
    then,
    line('Làm lại quyết định với dữ liệu lúc đó', 'Decided once more with what was known then'),
  ),
  ...verdictLines(now, line('Nếu quyết định bây giờ', 'If it were decided now')),
  ...(now.same ? [] : now.answers.flatMap(narrate)),
]

function keptLines({ recipient, channel, route }: DeliveryAnswer['delivery']): Words {
  const rule = keptRuleText(route)
  const label = CHANNELS[channel].label
  const revisions = `${route.directoryRevision ?? '?'} / ${route.revision ?? '?'}`
  const addressed = (route.addressed ?? []).flatMap((one) => [
    line(
      `  ghi trên văn bản: ${one.name} (${one.spelling})`,
      `  addressed to: ${one.name} (${one.spelling})`,
    ),
    ...narrateAddressed(one),
  ])
  const acting = route.actingFor
  return [
    line(
      `Đã ghi: tới ${recipient}, ${label.vi}, theo ${rule.vi}; danh bạ / bảng định tuyến: phiên bản ${revisions}`,
      `On record: to ${recipient}, ${label.en}, by ${rule.en}; directory / routing table: revision ${revisions}`,
    ),
    ...addressed,
    ...(acting === undefined
      ? []
      : [
          line(
            `  ${acting.delegate} gửi thay ${acting.agency}`,
            `  ${acting.delegate} sent for ${acting.agency}`,
          ),
        ]),
    ...(route.tried ?? []).map(({ rule, because }) =>
      line(
        `  không theo quy tắc ${rule}: ${OBJECTIONS[because].vi}`,
        `  not by rule ${rule}: ${OBJECTIONS[because].en}`,
      ),
    ),
    ...(route.alsoPassed
      ? [
          line(
            `  ${route.alsoPassed} quy tắc khác không áp dụng`,
            `  ${route.alsoPassed} other rules did not apply`,
          ),
        ]
      : []),
  ]
}

const verdictLines = ({ same, names }: Comparison, title: { vi: string; en: string }): Words =>
  same
    ? [line(`${title.vi}: như đã ghi`, `${title.en}: as on record`)]
    : [line(`${title.vi}: KHÁC`, `${title.en}: OTHERWISE`), ...names.map(nameLine)]

function nameLine({ spelling, way, reason }: NameCompared) {
  if (way !== null) {
    const { recipient, channel, ruleText: rule } = way
    return line(
      `  ${spelling} → ${recipient.name} (${recipient.code}), ${CHANNELS[channel].label.vi}, theo ${rule.vi}`,
      `  ${spelling} → ${recipient.name} (${recipient.code}), ${CHANNELS[channel].label.en}, by ${rule.en}`,
    )
  }
  return reason === null
    ? line(`  ${spelling}: không còn gồm nơi nhận này`, `  ${spelling}: no longer means this recipient`)
    : line(`  ${spelling}: ${UNRESOLVABLE[reason].vi}`, `  ${spelling}: ${UNRESOLVABLE[reason].en}`)
}
