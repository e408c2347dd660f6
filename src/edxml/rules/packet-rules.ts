import { type ElementRule, needed, optional, wanted } from './element-rule.ts'

/**
 * The elements of QCVN 102:2016 packets. Lengths: NĐ 30/2020 Annex VI and the checker of a provincial axis agree, except
 * OrganId (35 since QĐ 20/2020) and Website (20 there, taken as 100: real addresses are longer).
 * Needed is what the smallest packet in use carries: OrganId of both sides, DocumentId, Subject.
 */
const ORGAN: readonly ElementRule[] = [
  needed('OrganId', { decides: true, max: 35, format: 'agency' }),
  optional('OrganizationInCharge', { max: 200 }),
  optional('OrganName', { max: 200 }),
  optional('OrganAdd', { max: 250 }),
  optional('Email', { max: 100 }),
  optional('Telephone', { max: 20 }),
  optional('Fax', { max: 20 }),
  optional('Website', { max: 100 }),
]

const STAFF: readonly ElementRule[] = [
  optional('Department'),
  optional('DepartmentId'),
  optional('Staff'),
  optional('StaffId'),
  optional('Mobile'),
  optional('Email'),
]

const RESPONSE_FOR: readonly ElementRule[] = [
  optional('OrganId', { decides: true, max: 35 }),
  optional('Code', { max: 42 }),
  optional('PromulgationDate', { format: 'date' }),
  optional('DocumentId', { decides: true }),
]

const OTHER_INFO: readonly ElementRule[] = [
  optional('Priority', { format: 'priority' }),
  optional('SphereOfPromulgation', { max: 100 }),
  optional('TyperNotation', { max: 10 }),
  optional('PromulgationAmount', { max: 3, format: 'integer' }),
  optional('PageAmount', { max: 3, format: 'integer' }),
  optional('ReplyFors', { opaque: true }),
  optional('Direction'),
  optional('ReferenceCodes', { opaque: true }),
  optional('Appendixes', { children: [optional('Appendix', { many: true })] }),
]

const DOCUMENT_MESSAGE: readonly ElementRule[] = [
  needed('From', { decides: true, children: ORGAN }),
  needed('To', { many: true, children: ORGAN }),
  wanted('Code', {
    children: [wanted('CodeNumber', { max: 11 }), wanted('CodeNotation', { max: 30 })],
  }),
  wanted('PromulgationInfo', {
    children: [wanted('Place', { max: 50 }), wanted('PromulgationDate', { format: 'date' })],
  }),
  wanted('DocumentType', {
    children: [
      wanted('Type', { format: 'integer' }),
      optional('TypeDetail', { format: 'integer' }),
      wanted('TypeName', { max: 100 }),
    ],
  }),
  needed('Subject', { max: 500 }),
  optional('Content', { max: 500 }),
  wanted('SignerInfo', {
    children: [optional('Competence'), optional('Position', { max: 100 }), wanted('FullName', { max: 50 })],
  }),
  optional('DueDate', { format: 'date' }),
  optional('ToPlaces', { children: [optional('Place', { many: true, max: 150 })] }),
  optional('OtherInfo', { children: OTHER_INFO }),
  optional('ResponseFor', { many: true, children: RESPONSE_FOR }),
  optional('SteeringType', { format: 'integer' }),
  needed('DocumentId', { decides: true }),
  optional('ResponseForTask', { opaque: true }),
  optional('ApplicationType', { opaque: true }),
]

const BUSINESS: readonly ElementRule[] = [
  needed('BussinessDocType', { decides: true, format: 'business-type' }),
  optional('BussinessDocReason'),
  optional('BussinessDocumentInfo', {
    decides: true,
    children: [
      optional('DocumentInfo', { decides: true, format: 'flag' }),
      optional('DocumentReceiver', { decides: true, format: 'flag' }),
      optional('ReceiverList', {
        decides: true,
        children: [
          optional('Receiver', {
            many: true,
            children: [
              needed('OrganId', { decides: true, max: 35, format: 'agency' }),
              needed('ReceiverType', { decides: true, format: 'receiver-type' }),
            ],
          }),
        ],
      }),
    ],
  }),
  optional('DocumentId', { decides: true }),
  optional('StaffInfo', { children: STAFF }),
  optional('Paper'),
  optional('ReplacementInfoList', {
    decides: true,
    children: [
      optional('ReplacementInfo', {
        many: true,
        children: [
          needed('DocumentId', { decides: true }),
          optional('OrganIdList', {
            decides: true,
            children: [optional('OrganId', { many: true, max: 35, format: 'agency' })],
          }),
        ],
      }),
    ],
  }),
]

const TRACE: readonly ElementRule[] = [
  optional('TraceHeader', {
    many: true,
    children: [wanted('OrganId', { format: 'trace-agency' }), wanted('Timestamp', { format: 'timestamp' })],
  }),
  optional('Bussiness', { decides: true, children: BUSINESS }),
]

const SIGNATURES: readonly ElementRule[] = [
  optional('Signature', { many: true, opaque: true }),
  optional('DigitalSignature', { many: true, opaque: true }),
]

const REFERENCE: readonly ElementRule[] = [
  needed('ContentId', { decides: true }),
  optional('ContentType'),
  optional('Description', { max: 500 }),
  wanted('AttachmentName', { max: 500 }),
]

const ATTACHMENT: readonly ElementRule[] = [
  needed('ContentId', { decides: true }),
  wanted('AttachmentName', { max: 500 }),
  optional('Description', { max: 500 }),
  optional('FieldName'),
  optional('MimeType'),
  wanted('ContentType'),
  optional('ContentTransferEncoded', { decides: true, opaque: true }),
]

const BODY = optional('edXMLBody', {
  decides: true,
  children: [
    optional('edXMLManifest', {
      decides: true,
      children: [optional('Reference', { many: true, children: REFERENCE })],
    }),
  ],
})

const envelope = (header: readonly ElementRule[], body: readonly ElementRule[]): ElementRule =>
  needed('edXMLEnvelope', {
    decides: true,
    children: [needed('edXMLHeader', { decides: true, children: [...header, ...SIGNATURES] }), ...body],
  })

/** A packet that carries a document. */
export const DOCUMENT_RULES: ElementRule = needed('edXML', {
  children: [
    envelope(
      [
        needed('MessageHeader', { decides: true, children: DOCUMENT_MESSAGE }),
        optional('TraceHeaderList', { decides: true, children: TRACE }),
      ],
      [BODY],
    ),
    optional('AttachmentEncoded', {
      decides: true,
      children: [optional('Attachment', { many: true, children: ATTACHMENT })],
    }),
  ],
})

const STATUS_MESSAGE: readonly ElementRule[] = [
  needed('From', { decides: true, children: ORGAN }),
  needed('ResponseFor', {
    decides: true,
    children: [
      needed('OrganId', { decides: true, max: 35, format: 'agency' }),
      optional('Code', { max: 42 }),
      optional('PromulgationDate', { format: 'date' }),
      needed('DocumentId', { decides: true }),
    ],
  }),
  optional('StaffInfo', { children: STAFF }),
  needed('StatusCode', { decides: true, format: 'status-code' }),
  optional('Description', { max: 500 }),
  wanted('Timestamp', { format: 'timestamp' }),
]

/** A packet that tells of a document's status. */
export const STATUS_RULES: ElementRule = needed('edXML', {
  children: [
    envelope(
      [
        needed('MessageHeader', { decides: true, children: STATUS_MESSAGE }),
        optional('TraceHeaderList', { decides: true, children: TRACE }),
      ],
      [],
    ),
  ],
})
