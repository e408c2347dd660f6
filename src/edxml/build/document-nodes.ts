import { BUSINESS_OPERATIONS } from '../../domain/business-operation.ts'
import type { Business, DocumentEnvelope } from '../../domain/envelope.ts'
import { organNode, responseForNode, staffNode } from './common-nodes.ts'
import { branch, leaf, type XmlNode } from './xml-writer.ts'

/** The facts of a document that is to be written. What the standard wants and is missing is told as faults. */
export type DocumentInput = Pick<DocumentEnvelope, 'from' | 'to'> &
  Partial<Omit<DocumentEnvelope, 'kind' | 'from' | 'to' | 'attachments' | 'business'>> & {
    readonly business?: Pick<Business, 'operation'> & Partial<Business>
  }

/** MessageHeader in the standard's own numbering, 1.1 From to 1.14 DocumentId. */
export const messageHeaderNode = (input: DocumentInput): XmlNode => ({
  name: 'edXML:MessageHeader',
  content: [
    organNode('edXML:From', input.from),
    input.to.flatMap((organ) => organNode('edXML:To', organ)),
    branch(
      'edXML:Code',
      leaf('edXML:CodeNumber', input.codeNumber),
      leaf('edXML:CodeNotation', input.codeNotation),
    ),
    branch(
      'edXML:PromulgationInfo',
      leaf('edXML:Place', input.place),
      leaf('edXML:PromulgationDate', input.promulgationDate),
    ),
    branch(
      'edXML:DocumentType',
      leaf('edXML:Type', input.documentType?.type),
      leaf('edXML:TypeDetail', input.documentType?.typeDetail),
      leaf('edXML:TypeName', input.documentType?.typeName),
    ),
    leaf('edXML:Subject', input.subject),
    leaf('edXML:Content', input.content),
    branch(
      'edXML:SignerInfo',
      leaf('edXML:Competence', input.signer?.competence),
      leaf('edXML:Position', input.signer?.position),
      leaf('edXML:FullName', input.signer?.fullName),
    ),
    leaf('edXML:DueDate', input.dueDate),
    branch('edXML:ToPlaces', input.toPlaces?.flatMap((place) => leaf('edXML:Place', place)) ?? []),
    otherInfoNode(input),
    input.responseFor?.flatMap(responseForNode) ?? [],
    leaf('edXML:SteeringType', input.steeringType),
    leaf('edXML:DocumentId', input.documentId),
  ].flat(),
})

const otherInfoNode = (input: DocumentInput): XmlNode[] =>
  branch(
    'edXML:OtherInfo',
    leaf('edXML:Priority', input.priority),
    leaf('edXML:SphereOfPromulgation', input.sphereOfPromulgation),
    leaf('edXML:TyperNotation', input.typerNotation),
    leaf('edXML:PromulgationAmount', input.promulgationAmount),
    leaf('edXML:PageAmount', input.pageAmount),
    branch('edXML:Appendixes', input.appendixes?.flatMap((text) => leaf('edXML:Appendix', text)) ?? []),
  )

export const traceHeaderListNode = (input: DocumentInput): XmlNode[] =>
  branch(
    'edXML:TraceHeaderList',
    input.trace?.flatMap((trace) =>
      branch(
        'edXML:TraceHeader',
        leaf('edXML:OrganId', trace.organId),
        leaf('edXML:Timestamp', trace.timestamp),
      ),
    ) ?? [],
    businessNode(input.business ?? { operation: 'new' }),
  )

const businessNode = (business: NonNullable<DocumentInput['business']>): XmlNode[] =>
  branch(
    'edXML:Bussiness',
    leaf('edXML:BussinessDocType', BUSINESS_OPERATIONS[business.operation].wire),
    leaf('edXML:BussinessDocReason', business.reason),
    updateNode(business),
    leaf('edXML:DocumentId', business.documentId),
    staffNode(business.staff),
    leaf('edXML:Paper', business.paper),
    branch('edXML:ReplacementInfoList', business.replacements?.flatMap(replacementNode) ?? []),
  )

const flag = (name: string, value: boolean | undefined): XmlNode[] =>
  leaf(name, value === undefined ? undefined : Number(value))

const updateNode = ({ updates, receivers = [] }: NonNullable<DocumentInput['business']>): XmlNode[] =>
  branch(
    'edXML:BussinessDocumentInfo',
    flag('edXML:DocumentInfo', updates?.documentInfo),
    flag('edXML:DocumentReceiver', updates?.documentReceiver),
    branch(
      'edXML:ReceiverList',
      receivers.flatMap(({ organId, change }) =>
        branch(
          'edXML:Receiver',
          leaf('edXML:OrganId', organId),
          leaf('edXML:ReceiverType', change === 'removed' ? 0 : 1),
        ),
      ),
    ),
  )

const replacementNode = ({ documentId, organIds }: Business['replacements'][number]): XmlNode[] =>
  branch(
    'edXML:ReplacementInfo',
    leaf('edXML:DocumentId', documentId),
    branch(
      'edXML:OrganIdList',
      organIds.flatMap((organId) => leaf('edXML:OrganId', organId)),
    ),
  )
