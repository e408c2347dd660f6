import type { AuditEventKind } from '../domain/audit-event.ts'
import { type DeliveryState, statesBefore } from '../domain/delivery-state.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { SUPERSEDE_ATTEMPTS } from './attempts.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import { DURABLY } from './durability.ts'
import type { Queryable } from './pool.ts'

/** A recipient's own delivery as it was when it was asked for. */
export interface OwnDelivery extends DeliveryRecord {
  /** Held by a claim other than the one that was given. */
  readonly heldByAnother: boolean
  /** Whether it went on to the state that was asked for just now, with its event. */
  readonly moved: boolean
}

export interface OwnMove {
  readonly agency: AgencyCode
  readonly key: DeliveryKey
  readonly claimToken: string | null
  /** Who brings it about, in the event. */
  readonly actor: string
  /** A new UUID for the event. */
  readonly event: string
}

/**
 * Moves a recipient's delivery on and puts that on record, in one statement: alone it is a transaction, and durable when
 * it is answered. Whether it may move is decided under its lock.
 */
const moveOwn = (
  kind: AuditEventKind,
  to: DeliveryState,
  set: string,
  { only = 'true', more = '' } = {},
) => `with own as (
    select ${DELIVERY_COLUMNS},
      coalesce(claim_until > clock_timestamp() and claim_token is distinct from $3::uuid, false) as held_by_another
    from delivery where id = $1 and recipient_code = $2 and inbox_number is not null for update),
  moved as (
    update delivery set state = '${to}', state_since = clock_timestamp(), ${set}
    from own where delivery.id = own.id and own.state = any($4) and not own.held_by_another and ${only}
    returning delivery.id, delivery.document_id, delivery.recipient_code)${more},
  recorded as (
    insert into audit_event (id, kind, actor, agency_code, document_id, delivery_id)
    select $5, '${kind}', $6, recipient_code, document_id, id from moved)
  select own.*, exists (select from moved) as moved, ${DURABLY} from own`

// Whoever was still telling the recipient is fenced off, its attempt closed.
const HAND_OVER = moveOwn(
  'delivery-handed-over',
  'handed-over',
  `handed_over_at = clock_timestamp(), next_attempt_at = null, lease_until = null,
      lease_epoch = delivery.lease_epoch + 1, reason = null`,
  {
    only: 'own.handed_over_at is null',
    more: `,
  closed as (${SUPERSEDE_ATTEMPTS})`,
  },
)

const ACKNOWLEDGE = moveOwn(
  'delivery-acknowledged',
  'acknowledged',
  'acknowledged_at = clock_timestamp(), claim_token = null, claim_until = null',
)

/** From now on the recipient may hold the document. Undefined where it is not theirs or has no number yet. */
export const handOverOwn = (db: Queryable, move: OwnMove): Promise<OwnDelivery | undefined> =>
  moved(db, 'hand-over-own', HAND_OVER, 'handed-over', move)

/** The recipient has stored the document. Undefined where it is not theirs or has no number yet. */
export const acknowledgeOwn = (db: Queryable, move: OwnMove): Promise<OwnDelivery | undefined> =>
  moved(db, 'acknowledge-own', ACKNOWLEDGE, 'acknowledged', move)

async function moved(
  db: Queryable,
  name: string,
  text: string,
  to: DeliveryState,
  { agency, key, claimToken, actor, event }: OwnMove,
): Promise<OwnDelivery | undefined> {
  const { rows } = await db.query<DeliveryRow & { held_by_another: boolean; moved: boolean }>({
    name,
    text,
    values: [key, agency, claimToken, statesBefore(to), event, actor],
  })
  const row = rows[0]
  return row && { ...toDelivery(row), heldByAnother: row.held_by_another, moved: row.moved }
}
