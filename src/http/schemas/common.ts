import { type TSchema, Type } from 'typebox'
import { ATTEMPT_STATES, type AttemptState } from '../../domain/attempt-state.ts'
import { AUDIT_EVENTS, type AuditEventKind } from '../../domain/audit-event.ts'
import { BUSINESS_OPERATIONS, type BusinessOperation } from '../../domain/business-operation.ts'
import { CHANNELS, type ChannelId, ENDPOINT_CHANNEL_IDS } from '../../domain/channel-id.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../domain/delivery-state.ts'
import { DOCUMENT_STATES, type DocumentState } from '../../domain/document-state.ts'
import { LEGAL_VALUES, type LegalValue } from '../../domain/signature-report.ts'

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const idsOf = <K extends string>(table: Readonly<Record<K, unknown>>) => Type.Enum(Object.keys(table) as K[])

export const DeliveryStateId = idsOf<DeliveryState>(DELIVERY_STATES)
export const DocumentStateId = idsOf<DocumentState>(DOCUMENT_STATES)
export const AttemptStateId = idsOf<AttemptState>(ATTEMPT_STATES)
export const OperationId = idsOf<BusinessOperation>(BUSINESS_OPERATIONS)
export const LegalValueId = idsOf<LegalValue>(LEGAL_VALUES)
export const ChannelIdSchema = idsOf<ChannelId>(CHANNELS)
/** The channels that an agency may name as its own endpoint. */
export const EndpointChannelSchema = Type.Enum([...ENDPOINT_CHANNEL_IDS])
export const EventKind = idsOf<AuditEventKind>(AUDIT_EVENTS)

/** One line of text for people: without control characters, not blank at its ends. */
export const Line = (maxLength: number, options: { description?: string } = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\p{Cc}\\s]([^\\p{Cc}]*[^\\p{Cc}\\s])?$', ...options })

/** The code of an agency, or an alias of one where the operation takes any spelling. */
export const Code = Type.String({
  minLength: 1,
  maxLength: 35,
  pattern: '^[0-9A-Za-z][0-9A-Za-z._-]*$',
  description: 'Agency code (QĐ 20/2020/QĐ-TTg art. 4), at most 35 characters',
})

export const UUID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'

export const Uuid = Type.String({
  pattern: UUID_PATTERN,
  description: 'UUID, lower case',
})

// Years that a directory or an archive can mean: a typing error of a digit too many is told, not stored.
const YEAR = '^(19|20|21)\\d\\d-'

/** A day in Vietnam. */
export const Day = Type.String({ format: 'date', pattern: YEAR, description: 'yyyy-MM-dd, Vietnam time' })

/** An instant with its zone. */
export const Instant = Type.String({
  format: 'date-time',
  pattern: `${YEAR}\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$`,
  description: 'ISO 8601 with a zone, such as 2026-11-21T08:00:00Z',
})

export const Timestamp = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })
/** An instant of an answer, written from a `Date`. */
export const DateTime = Type.Unsafe<Date>({
  type: 'string',
  format: 'date-time',
  description: 'ISO 8601, UTC',
})
export const NullableDateTime = Type.Unsafe<Date | null>({
  type: ['string', 'null'],
  format: 'date-time',
  description: 'ISO 8601, UTC',
})
export const Tier = Type.String({ pattern: '^[a-z][a-z-]{0,30}$', description: 'Code of a tier' })
export const UrgencyNumber = Type.Integer({
  minimum: 0,
  maximum: 4,
  description: '0 normal … 4 immediate, timed',
})
export const Text = Type.Object({ vi: Type.String(), en: Type.String() })

export const iso = (instant: Date): string => instant.toISOString()
export const isoOrNull = (instant: Date | null): string | null => instant?.toISOString() ?? null
