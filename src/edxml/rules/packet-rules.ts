import { type ElementRule, needed, optional, wanted } from './element-rule.ts'

/** Characters of what is looked up by an index, which holds no value of any length; ten times what is in use. */
const KEY_LIMIT = 200
const DOCUMENT_ID = { decides: true, limit: KEY_LIMIT } as const
const ORGAN_ID = needed('OrganId', { decides: true, max: 35, limit: KEY_LIMIT, format: 'agency' })

/** More than the agencies of the national directory (111,339), with room for their growth. */
const AGENCIES = 150_000
/** What a clerk lists by hand. */
const LISTED = 1_000

/**
 * The elements of QCVN 102:2016 packets. Lengths: NĐ 30/2020 Annex VI and the checker of a provincial axis agree, except
 * OrganId (35 since QĐ 20/2020) and Website (20 there, taken as 100: real addresses are longer).
 * Needed is what the smallest packet in use carries: OrganId of both sides, DocumentId, Subject.
 */
const ORGAN: readonly ElementRule[] = [
  ORGAN_ID,
  optional('OrganizationInCharge', { max: 200 }),
  optional('OrganName', { once: true, max: 200 }),
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
  optional('OrganId', { decides: true, max: 35, limit: KEY_LIMIT }),
  optional('Code', { once: true, max: 42 }),
  optional('PromulgationDate', { once: true, format: 'date' }),
  optional('DocumentId', DOCUMENT_ID),
]

const OTHER_INFO: readonly ElementRule[] = [
  optional('Priority', { once: true, format: 'priority' }),
  optional('SphereOfPromulgation', { max: 100 }),
  optional('TyperNotation', { max: 10 }),
  optional('PromulgationAmount', { max: 3, format: 'integer' }),
  optional('PageAmount', { max: 3, format: 'integer' }),
  optional('ReplyFors', { opaque: true }),
  optional('Direction'),
  optional('ReferenceCodes', { opaque: true }),
  optional('Appendixes', { once: true, children: [optional('Appendix', { many: true, most: LISTED })] }),
]

const DOCUMENT_MESSAGE: readonly ElementRule[] = [
  needed('From', { decides: true, children: ORGAN }),
  needed('To', { decides: true, many: true, most: AGENCIES, children: ORGAN }),
  wanted('Code', {
    once: true,
    children: [
      wanted('CodeNumber', { once: true, max: 11 }),
      wanted('CodeNotation', { once: true, max: 30 }),
    ],
  }),
  wanted('PromulgationInfo', {
    once: true,
    children: [
      wanted('Place', { once: true, max: 50 }),
      wanted('PromulgationDate', { once: true, format: 'date' }),
    ],
  }),
  wanted('DocumentType', {
    once: true,
    children: [
      wanted('Type', { once: true, format: 'integer' }),
      optional('TypeDetail', { once: true, format: 'integer' }),
      wanted('TypeName', { once: true, max: 100 }),
    ],
  }),
  needed('Subject', { decides: true, max: 500 }),
  optional('Content', { once: true, max: 500 }),
  wanted('SignerInfo', {
    once: true,
    children: [
      optional('Competence', { once: true }),
      optional('Position', { once: true, max: 100 }),
      wanted('FullName', { once: true, max: 50 }),
    ],
  }),
  optional('DueDate', { once: true, format: 'date' }),
  optional('ToPlaces', {
    once: true,
    children: [optional('Place', { many: true, most: LISTED, max: 150 })],
  }),
  optional('OtherInfo', { once: true, children: OTHER_INFO }),
  optional('ResponseFor', { decides: true, many: true, most: LISTED, children: RESPONSE_FOR }),
  optional('SteeringType', { once: true, format: 'integer' }),
  needed('DocumentId', DOCUMENT_ID),
  optional('ResponseForTask', { opaque: true }),
  optional('ApplicationType', { opaque: true }),
]

const BUSINESS: readonly ElementRule[] = [
  needed('BussinessDocType', { decides: true, format: 'business-type' }),
  optional('BussinessDocReason', { once: true }),
  optional('BussinessDocumentInfo', {
    decides: true,
    children: [
      optional('DocumentInfo', { decides: true, format: 'flag' }),
      optional('DocumentReceiver', { decides: true, format: 'flag' }),
      optional('ReceiverList', {
        decides: true,
        children: [
          optional('Receiver', {
            decides: true,
            many: true,
            most: AGENCIES,
            children: [ORGAN_ID, needed('ReceiverType', { decides: true, format: 'receiver-type' })],
          }),
        ],
      }),
    ],
  }),
  optional('DocumentId', DOCUMENT_ID),
  optional('StaffInfo', { children: STAFF }),
  optional('Paper'),
  optional('ReplacementInfoList', {
    decides: true,
    children: [
      optional('ReplacementInfo', {
        decides: true,
        many: true,
        children: [
          needed('DocumentId', DOCUMENT_ID),
          optional('OrganIdList', {
            decides: true,
            children: [
              optional('OrganId', {
                decides: true,
                many: true,
                most: AGENCIES,
                max: 35,
                limit: KEY_LIMIT,
                format: 'agency',
              }),
            ],
          }),
        ],
      }),
    ],
  }),
]

const TRACE: readonly ElementRule[] = [
  optional('TraceHeader', {
    many: true,
    most: LISTED,
    children: [
      wanted('OrganId', { limit: KEY_LIMIT, format: 'trace-agency' }),
      wanted('Timestamp', { format: 'timestamp' }),
    ],
  }),
  optional('Bussiness', { decides: true, children: BUSINESS }),
]

const SIGNATURES: readonly ElementRule[] = [
  optional('Signature', { many: true, opaque: true }),
  optional('DigitalSignature', { many: true, opaque: true }),
]

const REFERENCE: readonly ElementRule[] = [
  needed('ContentId', { decides: true }),
  optional('ContentType', { once: true }),
  optional('Description', { once: true, max: 500 }),
  wanted('AttachmentName', { decides: true, max: 500 }),
]

const ATTACHMENT: readonly ElementRule[] = [
  needed('ContentId', { decides: true }),
  wanted('AttachmentName', { decides: true, max: 500 }),
  optional('Description', { once: true, max: 500 }),
  optional('FieldName'),
  optional('MimeType'),
  wanted('ContentType', { once: true }),
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
      children: [optional('Attachment', { decides: true, many: true, children: ATTACHMENT })],
    }),
  ],
})

const STATUS_MESSAGE: readonly ElementRule[] = [
  needed('From', { decides: true, children: ORGAN }),
  needed('ResponseFor', {
    decides: true,
    children: [
      ORGAN_ID,
      optional('Code', { once: true, max: 42 }),
      optional('PromulgationDate', { once: true, format: 'date' }),
      needed('DocumentId', DOCUMENT_ID),
    ],
  }),
  optional('StaffInfo', { children: STAFF }),
  needed('StatusCode', { decides: true, format: 'status-code' }),
  optional('Description', { once: true, max: 500 }),
  wanted('Timestamp', { once: true, format: 'timestamp' }),
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
