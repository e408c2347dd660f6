import type { DeliveryRecord } from '../../db/deliveries.ts'
import type { InFlightDecision, KeptBecause } from '../../directory/in-flight/decide.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { SuccessorHop } from '../../domain/directory/resolution.ts'

/** What stands on record of a redirection: the agency that was meant, the one that gets it, and why. */
export function redirectDetail(hops: readonly SuccessorHop[]): Record<string, unknown> {
  const { from, act, on, basis } = hops[0]!
  return { from, to: hops.at(-1)!.to, act, on, basis, ...(hops.length > 1 && { hops }) }
}

const KEPT: Record<KeptBecause, Bilingual> = {
  policy: {
    vi: 'Bên nhận đã kết thúc hoạt động; văn bản ở lại hộp thư của bên nhận theo chính sách kế thừa',
    en: 'The recipient has closed; by its policy the document stays in its inbox',
  },
  'no-successor': {
    vi: 'Bên nhận đã kết thúc hoạt động và không có cơ quan kế thừa',
    en: 'The recipient has closed, and nobody takes over',
  },
  'successor-unresolvable': {
    vi: 'Bên nhận đã kết thúc hoạt động; không cơ quan kế thừa nào đang hoạt động nhận loại văn bản này',
    en: 'The recipient has closed, and no successor that is open takes this kind of document',
  },
  'may-have-left': {
    vi: 'Bên nhận đã kết thúc hoạt động; văn bản có thể đã sang trục khác nên không chuyển theo đường thứ hai',
    en: 'The recipient has closed; another exchange may have the document, so that it takes no second way',
  },
}

export const keptDetail = (because: KeptBecause): Record<string, unknown> => ({
  because,
  explanation: KEPT[because],
})

/** Why a delivery was given up, and who would be right. */
export function bounceReason(decision: Extract<InFlightDecision, { outcome: 'bounce' }>) {
  const { recipient, successor, closedOn, basis } = decision
  const instead: Bilingual =
    successor === null
      ? { vi: 'không có cơ quan kế thừa', en: 'nobody takes over' }
      : {
          vi: `hãy gửi tới ${successor.name} (${successor.code})`,
          en: `send it to ${successor.name} (${successor.code})`,
        }
  return {
    code: 'recipient-closed',
    explanation: {
      vi: `${recipient.name} (${recipient.code}) đã kết thúc hoạt động từ ${closedOn}; ${instead.vi}`,
      en: `${recipient.name} (${recipient.code}) has closed from ${closedOn} on; ${instead.en}`,
    },
    detail: {
      recipient: { code: recipient.code, name: recipient.name },
      closedOn,
      successor: successor && { code: successor.code, name: successor.name },
      basis,
    },
  }
}

/** Why a delivery was withdrawn: its document lies with the successor already. */
export function joinReason(twin: Pick<DeliveryRecord, 'key'>, hops: readonly SuccessorHop[]) {
  const { name, code } = hops.at(-1)!.to
  return {
    code: 'joined',
    with: twin.key,
    explanation: {
      vi: `Gộp vào lượt chuyển của cơ quan kế thừa, ${name} (${code}), vốn cũng nhận văn bản này`,
      en: `Joined with the delivery of the successor, ${name} (${code}), to which this document was sent as well`,
    },
  }
}
