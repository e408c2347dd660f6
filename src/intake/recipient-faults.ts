import { UNRESOLVABLE, type Unresolvable, type UnresolvableReason } from '../domain/directory/resolution.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

/** A recipient as a packet names it, and where. */
export interface NamedRecipient {
  readonly organId: string
  readonly path: string
}

const CODES: Record<UnresolvableReason, string> = {
  'unknown-code': 'recipient-unknown',
  'not-yet-open': 'recipient-not-yet-open',
  'closed-without-successor': 'recipient-closed',
  'closed-and-bounced': 'recipient-closed',
  'no-successor-for-document-type': 'recipient-closed',
  'group-not-in-force': 'group-not-in-force',
  'group-empty': 'group-empty',
}

/**
 * Why a recipient leads nowhere, by which successors it was looked for, and who would be right.
 * @param meant the code that may have been meant by one that is unknown
 */
export function unresolvableFault(
  { organId, path }: NamedRecipient,
  found: Unresolvable,
  meant?: AgencyCode,
): Fault {
  const { reason, successor } = found
  return {
    code: CODES[reason],
    reason,
    severity: 'error',
    path,
    found: organId,
    expected: successor ?? meant,
    hint: reason === 'unknown-code' ? unknown(organId) : explained(organId, found),
  }
}

const unknown = (organId: string): Fault['hint'] => ({
  vi: `Không có cơ quan hay nhóm nơi nhận nào mang mã ${organId} trong danh bạ.`,
  en: `No agency or address group in the directory has the code ${organId}.`,
})

function explained(
  organId: string,
  { reason, last, closedOn, successor, hops }: Unresolvable,
): Fault['hint'] {
  const { vi, en } = UNRESOLVABLE[reason]
  const who = last === undefined ? organId : `${last.name} (${last.code})`
  const way = [...hops.map(({ from }) => from.code), last?.code ?? organId].join(' → ')
  const text = (
    because: string,
    closed: (day: string) => string,
    heir: (code: string) => string,
    line: (codes: string) => string,
  ) =>
    `${who}: ${because}${closedOn === null ? '' : closed(closedOn)}` +
    `${successor === null ? '' : heir(successor)}${hops.length === 0 ? '' : line(way)}.`
  return {
    vi: text(
      vi,
      (day) => ` (đóng từ ${day})`,
      (code) => `; cơ quan kế thừa: ${code}`,
      (codes) => `; đã theo các cơ quan kế thừa ${codes}`,
    ),
    en: text(
      en,
      (day) => ` (closed from ${day})`,
      (code) => `; its successor is ${code}`,
      (codes) => `; successors were followed: ${codes}`,
    ),
  }
}

export const repeatedFault = (
  { organId, path }: NamedRecipient,
  { code, name }: { readonly code: string; readonly name: string },
): Fault => ({
  code: 'recipient-repeated',
  severity: 'error',
  path,
  found: organId,
  hint: {
    vi: `${name} (${code}) có mặt hơn một lần trong danh sách nơi nhận.`,
    en: `${name} (${code}) stands more than once among the recipients.`,
  },
})

export const tooManyFault = ({ organId, path }: NamedRecipient, most: number): Fault => ({
  code: 'recipients-too-many',
  severity: 'error',
  path,
  found: organId,
  expected: `<= ${most}`,
  hint: {
    vi: `Các nhóm nơi nhận mở ra quá ${most} tên; hãy tách thành nhiều gói tin.`,
    en: `The address groups expand to more than ${most} names; split the packet.`,
  },
})
