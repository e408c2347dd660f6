import type { AffectedDelivery, Effects } from '../domain/effects.ts'
import type { Fault } from '../domain/fault.ts'
import type { DeliveryKey, DocumentKey } from '../domain/identifiers.ts'
import type { Addressed, DeliveryExplanation } from '../domain/routing-rule.ts'

/** The explanations of deliveries that were taken back from some of their names: those say by which packet. */
export const routesInPart = (
  by: DocumentKey,
  { withdrawInPart }: Effects,
): Map<DeliveryKey, Partial<DeliveryExplanation>> =>
  new Map(withdrawInPart.map(({ key, route, names }) => [key, withdrawnFrom(route, names.spoken, by)]))

function withdrawnFrom(
  route: Partial<DeliveryExplanation>,
  spoken: readonly Addressed[],
  withdrawnBy: DocumentKey,
): Partial<DeliveryExplanation> {
  const taken = new Set(spoken)
  const addressed = (route.addressed ?? []).map((one) => (taken.has(one) ? { ...one, withdrawnBy } : one))
  return { ...route, addressed }
}

/** What the sender should know beside what was done: who is not told, and who gets the document all the same. */
export const effectWarnings = ({ untold, withdrawInPart }: Effects): Fault[] => [
  ...untold.map(holderNotTold),
  ...withdrawInPart.map(stillUnderWay),
]

/** A replacement that is not addressed to all who hold the old document leaves some with it, and says nothing to them. */
const holderNotTold = (agency: string): Fault => ({
  code: 'holder-not-told',
  severity: 'warning',
  path: '//MessageHeader/To',
  found: agency,
  hint: {
    vi: `${agency} đang giữ văn bản cũ nhưng không nhận được gói tin này: không có tên trong nơi nhận hoặc đã đóng.`,
    en: `${agency} holds the old document and is not told: it is not addressed, or it has closed.`,
  },
})

function stillUnderWay({ recipient, names }: AffectedDelivery): Fault {
  const left = names.left.map(({ spelling }) => spelling).join(', ')
  return {
    code: 'withdrawn-in-part',
    severity: 'warning',
    path: '//MessageHeader/To',
    found: names.spoken.map(({ spelling }) => spelling).join(', '),
    expected: left,
    hint: {
      vi: `${recipient} vẫn nhận văn bản thay cho ${left}: muốn rút lại hẳn, hãy nêu cả các tên này.`,
      en: `${recipient} still gets the document for ${left}: name these too, to take it back altogether.`,
    },
  }
}
