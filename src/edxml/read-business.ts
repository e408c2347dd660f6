import type { Business, ReceiverChange, Replacement } from '../domain/envelope.ts'
import { agencyCode, edxmlDocumentId } from '../domain/identifiers.ts'
import { childOf, childrenOf, descend, type Element, textOf } from './element.ts'
import { readStaff, texts } from './read-fields.ts'
import { businessOperationOf } from './rules/formats.ts'

/** Bussiness (sic). Without it a packet brings a new document, as most packets of the axis do. */
export function readBusiness(element: Element | undefined): Business {
  const info = childOf(element, 'BussinessDocumentInfo')
  const documentId = textOf(element, 'DocumentId')
  const staff = readStaff(childOf(element, 'StaffInfo'))
  const receivers = childrenOf(childOf(info, 'ReceiverList'), 'Receiver')
  const replacements = childrenOf(childOf(element, 'ReplacementInfoList'), 'ReplacementInfo')
  return {
    operation: businessOperationOf(textOf(element, 'BussinessDocType') ?? '') ?? 'new',
    ...texts(element, { reason: 'BussinessDocReason', paper: 'Paper' }),
    ...(documentId === undefined ? {} : { documentId: edxmlDocumentId(documentId) }),
    ...(info === undefined ? {} : { updates: readUpdates(info) }),
    receivers: receivers.map(readReceiver),
    ...(staff === undefined ? {} : { staff }),
    replacements: mergeReplacements(replacements),
  }
}

const readUpdates = (info: Element) => ({
  documentInfo: textOf(info, 'DocumentInfo') === '1',
  documentReceiver: textOf(info, 'DocumentReceiver') === '1',
})

const readReceiver = (element: Element): ReceiverChange => ({
  organId: agencyCode(textOf(element, 'OrganId') ?? ''),
  change: textOf(element, 'ReceiverType') === '0' ? 'removed' : 'added',
})

/**
 * An official sample names one document twice: its agencies are put together. No agencies means all of them, which an
 * empty set stands for.
 */
function mergeReplacements(elements: readonly Element[]): Replacement[] {
  const merged = new Map<string, Set<string>>()
  for (const element of elements) {
    const id = textOf(element, 'DocumentId') ?? ''
    const named = childrenOf(descend(element, 'OrganIdList'), 'OrganId').flatMap(({ text }) => text || [])
    const before = merged.get(id)
    if (before === undefined) merged.set(id, new Set(named))
    else if (named.length === 0) before.clear()
    else if (before.size > 0) for (const code of named) before.add(code)
  }
  return Array.from(merged, ([id, codes]) => ({
    documentId: edxmlDocumentId(id),
    organIds: Array.from(codes, agencyCode),
  }))
}
