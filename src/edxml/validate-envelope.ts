import type { Fault } from '../domain/fault.ts'
import { childOf, childrenOf, descend, type Element, textOf } from './element.ts'
import { EDXML_NAMESPACE } from './names.ts'
import { isStatusPacket, messageHeaderOf } from './read-envelope.ts'
import { checkElement, isBlank } from './rules/check-element.ts'
import { checkPlaces, decidingNames } from './rules/check-places.ts'
import { FaultList } from './rules/fault-list.ts'
import { businessOperationOf } from './rules/formats.ts'
import { DOCUMENT_RULES, STATUS_RULES } from './rules/packet-rules.ts'

/** Of both kinds together: a document's recipient has no place in a status either. */
const DECIDING = decidingNames(DOCUMENT_RULES, STATUS_RULES)
const REPLACED_DOCUMENTS = 1_000

/**
 * Everything that is wrong with the structure and values of a packet, at once. Errors are what the gateway needs to route
 * and account for it; the rest are warnings. Empty of errors, the packet's envelope can be relied on.
 */
export function validateEnvelope({ root }: { readonly root: Element }): Fault[] {
  const list = new FaultList()
  if (root.name !== 'edXML' || root.namespace !== EDXML_NAMESPACE) {
    const found = `{${root.namespace}}${root.name}`
    list.at(root, 'root-unexpected', { found, expected: `{${EDXML_NAMESPACE}}edXML` })
    return list.faults
  }
  const rules = isStatusPacket(root) ? STATUS_RULES : DOCUMENT_RULES
  checkElement(root, rules, list)
  checkPlaces(root, rules, DECIDING, list)
  if (rules === STATUS_RULES) {
    checkKind(root, list)
  } else {
    checkRecipients(root, list)
    checkBusiness(root, list)
  }
  return list.faults
}

function checkKind(root: Element, list: FaultList): void {
  const recipients = childrenOf(messageHeaderOf(root), 'To')
  const contents = [descend(root, 'edXMLEnvelope', 'edXMLBody'), childOf(root, 'AttachmentEncoded')]
  const carrying = [...recipients, ...contents].find((element) => element !== undefined && !isBlank(element))
  if (carrying !== undefined) list.at(carrying, 'kind-ambiguous', { found: carrying.name })
}

function checkRecipients(root: Element, list: FaultList): void {
  const seen = new Set<string>()
  for (const to of childrenOf(messageHeaderOf(root), 'To')) {
    const code = textOf(to, 'OrganId')
    if (code === undefined) continue
    if (seen.has(code)) list.at(to, 'recipient-repeated', { found: code })
    seen.add(code)
  }
}

function checkBusiness(root: Element, list: FaultList): void {
  const business = descend(root, 'edXMLEnvelope', 'edXMLHeader', 'TraceHeaderList', 'Bussiness')
  const operation = businessOperationOf(textOf(business, 'BussinessDocType') ?? '') ?? 'new'
  const replaced = childrenOf(childOf(business, 'ReplacementInfoList'), 'ReplacementInfo')
  if (business !== undefined && operation === 'replace' && replaced.every(isBlank)) {
    list.under(business, 'ReplacementInfoList', 'replacement-missing')
  }
  const documents = new Set(replaced.map((each) => textOf(each, 'DocumentId')))
  if (documents.size > REPLACED_DOCUMENTS) {
    list.at(replaced[0]!, 'limit-exceeded', { expected: `replaced documents <= ${REPLACED_DOCUMENTS}` })
  }
  const files = descend(root, 'AttachmentEncoded', 'Attachment')
  if ((operation === 'new' || operation === 'replace') && files === undefined) {
    list.under(root, 'AttachmentEncoded', 'attachments-absent')
  }
}
