import { type Static, type TProperties, Type } from 'typebox'
import { OperationId } from './common.ts'

/** Text that says something. Lengths are those of QCVN 102:2016 and NĐ 30/2020/NĐ-CP Annex VI. */
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })
const optionalText = (maxLength: number) => Type.Optional(text(maxLength))
const strict = <P extends TProperties>(properties: P, description?: string) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  })

const AgencySpelling = Type.String({
  minLength: 1,
  maxLength: 35,
  pattern: '^[^\\s\\p{C}]+$',
  description: 'Agency code or alias, as it is to stand in the packet',
})

/** Which days there are is for the packet's own rules. */
const HeaderDay = Type.String({
  pattern: '^\\d{4}(-\\d{2}-|/\\d{2}/)\\d{2}$',
  description: 'yyyy-MM-dd (or yyyy/MM/dd, as edXML has it), Vietnam time',
})

export const OrganSchema = strict({
  organId: AgencySpelling,
  organizationInCharge: optionalText(200),
  organName: optionalText(200),
  organAdd: optionalText(250),
  email: optionalText(100),
  telephone: optionalText(20),
  fax: optionalText(20),
  website: optionalText(100),
})

export const StaffSchema = strict({
  department: optionalText(500),
  staff: optionalText(200),
  mobile: optionalText(50),
  email: optionalText(200),
})

const ResponseForSchema = strict(
  {
    organId: Type.Optional(AgencySpelling),
    code: optionalText(42),
    promulgationDate: Type.Optional(HeaderDay),
    documentId: optionalText(200),
  },
  'The document that this one answers',
)

const ReceiverChange = strict({
  organId: AgencySpelling,
  change: Type.Enum(['removed', 'added']),
})

const BusinessSchema = strict(
  {
    operation: OperationId,
    reason: optionalText(500),
    documentId: optionalText(200),
    updates: Type.Optional(strict({ documentInfo: Type.Boolean(), documentReceiver: Type.Boolean() })),
    receivers: Type.Optional(Type.Array(ReceiverChange)),
    staff: Type.Optional(StaffSchema),
    paper: optionalText(50),
    replacements: Type.Optional(
      Type.Array(strict({ documentId: text(200), organIds: Type.Optional(Type.Array(AgencySpelling)) })),
    ),
  },
  'What the packet does; a new document where left out',
)

const ChangeSchema = strict(
  {
    reason: optionalText(500),
    staff: Type.Optional(StaffSchema),
    paper: optionalText(50),
    receivers: Type.Optional(Type.Array(ReceiverChange)),
    organIds: Type.Optional(Type.Array(AgencySpelling)),
  },
  'What is told of the change: receivers of an update, organIds (for whom) of a replacement',
)

const HEADER_FIELDS = {
  from: Type.Optional(OrganSchema),
  to: Type.Array(OrganSchema, { minItems: 1 }),
  documentId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '\\S',
      description: 'OrganId,yyyy/MM/dd,number/notation where left out',
    }),
  ),
  codeNumber: text(11),
  codeNotation: text(30),
  place: Type.Optional(
    Type.String({ minLength: 1, maxLength: 50, pattern: '\\S', description: 'N/A where left out' }),
  ),
  promulgationDate: HeaderDay,
  documentType: strict({
    type: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 999, description: '2 (administrative document) where left out' }),
    ),
    typeDetail: Type.Optional(Type.Integer({ minimum: -1, maximum: 999 })),
    typeName: text(100),
  }),
  subject: text(500),
  content: optionalText(500),
  signer: strict({ competence: optionalText(50), position: optionalText(100), fullName: text(50) }),
  dueDate: Type.Optional(HeaderDay),
  toPlaces: Type.Optional(Type.Array(text(150))),
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 4 })),
  sphereOfPromulgation: optionalText(100),
  typerNotation: optionalText(10),
  promulgationAmount: Type.Optional(Type.Integer({ minimum: 0, maximum: 999 })),
  pageAmount: Type.Optional(Type.Integer({ minimum: 0, maximum: 999 })),
  appendixes: Type.Optional(Type.Array(text(500))),
  responseFor: Type.Optional(Type.Array(ResponseForSchema)),
  steeringType: Type.Optional(Type.Integer({ minimum: 0, maximum: 99 })),
}

/** What a system says of a document for which the gateway writes the packet. */
export const DocumentHeaderSchema = strict({ ...HEADER_FIELDS, business: Type.Optional(BusinessSchema) })
export type DocumentHeaderBody = Static<typeof DocumentHeaderSchema>

/** The same for an update or a replacement of a document: what it changes is filled in. */
export const ChangeHeaderSchema = strict({ ...HEADER_FIELDS, business: Type.Optional(ChangeSchema) })
export type ChangeHeaderBody = Static<typeof ChangeHeaderSchema>
