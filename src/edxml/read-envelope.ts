import type {
  Attachment,
  DocumentEnvelope,
  Envelope,
  Organ,
  ResponseFor,
  StatusEnvelope,
} from '../domain/envelope.ts'
import { agencyCode, edxmlDocumentId } from '../domain/identifiers.ts'
import { childOf, childrenOf, descend, type Element, textOf } from './element.ts'
import { readBusiness } from './read-business.ts'
import { integers, readStaff, texts } from './read-fields.ts'
import { isBlank } from './rules/check-element.ts'
import { integerOf } from './rules/formats.ts'

export const messageHeaderOf = (root: Element): Element | undefined =>
  descend(root, 'edXMLEnvelope', 'edXMLHeader', 'MessageHeader')

/** A status packet is one that has a StatusCode; everything else carries a document. */
export const isStatusPacket = (root: Element): boolean =>
  childOf(messageHeaderOf(root), 'StatusCode') !== undefined

/**
 * The facts of a packet, read without judging them: what is needed and absent is the empty string. Only to be relied on
 * where `validateEnvelope` finds no error.
 */
export const readEnvelope = (root: Element, attachments: readonly Attachment[]): Envelope =>
  isStatusPacket(root) ? readStatus(root) : readDocument(root, attachments)

function readStatus(root: Element): StatusEnvelope {
  const message = messageHeaderOf(root)
  const staff = readStaff(childOf(message, 'StaffInfo'))
  return {
    kind: 'status',
    from: readOrgan(childOf(message, 'From')),
    responseFor: readResponseFor(childOf(message, 'ResponseFor')),
    statusCode: textOf(message, 'StatusCode') ?? '',
    ...texts(message, { description: 'Description', timestamp: 'Timestamp' }),
    ...(staff === undefined ? {} : { staff }),
  }
}

function readDocument(root: Element, attachments: readonly Attachment[]): DocumentEnvelope {
  const header = descend(root, 'edXMLEnvelope', 'edXMLHeader')
  const message = childOf(header, 'MessageHeader')
  const traces = childOf(header, 'TraceHeaderList')
  const other = childOf(message, 'OtherInfo')
  return {
    kind: 'document',
    from: readOrgan(childOf(message, 'From')),
    to: childrenOf(message, 'To').map(readOrgan),
    documentId: edxmlDocumentId(textOf(message, 'DocumentId') ?? ''),
    ...texts(childOf(message, 'Code'), { codeNumber: 'CodeNumber', codeNotation: 'CodeNotation' }),
    ...texts(childOf(message, 'PromulgationInfo'), { place: 'Place', promulgationDate: 'PromulgationDate' }),
    ...readDocumentType(childOf(message, 'DocumentType')),
    ...texts(message, { subject: 'Subject', content: 'Content', dueDate: 'DueDate' }),
    ...readSigner(childOf(message, 'SignerInfo')),
    toPlaces: readList(childOf(message, 'ToPlaces'), 'Place'),
    ...readPriority(other),
    ...texts(other, { sphereOfPromulgation: 'SphereOfPromulgation', typerNotation: 'TyperNotation' }),
    ...integers(other, { promulgationAmount: 'PromulgationAmount', pageAmount: 'PageAmount' }),
    appendixes: readList(childOf(other, 'Appendixes'), 'Appendix'),
    responseFor: filled(childrenOf(message, 'ResponseFor')).map(readResponseFor),
    ...integers(message, { steeringType: 'SteeringType' }),
    trace: childrenOf(traces, 'TraceHeader').map((trace) =>
      texts(trace, { organId: 'OrganId', timestamp: 'Timestamp' }),
    ),
    business: readBusiness(childOf(traces, 'Bussiness')),
    attachments,
  }
}

const filled = (elements: readonly Element[]): Element[] => elements.filter((element) => !isBlank(element))

const readList = (element: Element | undefined, name: string): string[] =>
  filled(childrenOf(element, name)).map(({ text }) => text)

function readOrgan(element: Element | undefined): Organ {
  return {
    organId: agencyCode(textOf(element, 'OrganId') ?? ''),
    ...texts(element, {
      organizationInCharge: 'OrganizationInCharge',
      organName: 'OrganName',
      organAdd: 'OrganAdd',
      email: 'Email',
      telephone: 'Telephone',
      fax: 'Fax',
      website: 'Website',
    }),
  }
}

function readResponseFor(element: Element | undefined): ResponseFor {
  const organId = textOf(element, 'OrganId')
  const documentId = textOf(element, 'DocumentId')
  return {
    ...(organId === undefined ? {} : { organId: agencyCode(organId) }),
    ...texts(element, { code: 'Code', promulgationDate: 'PromulgationDate' }),
    ...(documentId === undefined ? {} : { documentId: edxmlDocumentId(documentId) }),
  }
}

function readDocumentType(element: Element | undefined): Pick<DocumentEnvelope, 'documentType'> {
  if (element === undefined || isBlank(element)) return {}
  return {
    documentType: {
      ...integers(element, { type: 'Type', typeDetail: 'TypeDetail' }),
      ...texts(element, { typeName: 'TypeName' }),
    },
  }
}

function readSigner(element: Element | undefined): Pick<DocumentEnvelope, 'signer'> {
  if (element === undefined || isBlank(element)) return {}
  return { signer: texts(element, { competence: 'Competence', position: 'Position', fullName: 'FullName' }) }
}

function readPriority(other: Element | undefined): Pick<DocumentEnvelope, 'priority'> {
  const priority = integerOf(textOf(other, 'Priority'))
  return priority === undefined || priority < 0 || priority > 4 ? {} : { priority }
}
