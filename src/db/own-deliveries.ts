import type { AuditEventKind } from '../domain/audit-event.ts'
import { type DeliveryState, statesBefore } from '../domain/delivery-state.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { passStepUnanswered } from '../step.ts'
import { SUPERSEDE_ATTEMPTS } from './attempts.ts'
import { DURABLY } from './durability.ts'
import { gatherOn } from './gather.ts'
import type { Pool, Queryable } from './pool.ts'

/** What becomes of a recipient's own delivery, as it was when it was asked for. */
export interface OwnDelivery {
  readonly state: DeliveryState
  readonly wasHandedOver: boolean
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

interface OwnStep {
  readonly event: AuditEventKind
  readonly to: DeliveryState
  readonly set: string
  /** What must hold, beside the state. */
  readonly only: string
  /** CTEs behind `moved`. */
  readonly more: string
}

/** What a recipient does with its deliveries. */
const STEPS = {
  'hand-over': {
    event: 'delivery-handed-over',
    to: 'handed-over',
    set: `handed_over_at = clock_timestamp(), next_attempt_at = null, lease_until = null,
        lease_epoch = delivery.lease_epoch + 1, reason = null`,
    only: 'not own.was_handed_over',
    // Whoever was still telling the recipient is fenced off, its attempt closed.
    more: `closed as (${SUPERSEDE_ATTEMPTS}),`,
  },
  acknowledge: {
    event: 'delivery-acknowledged',
    to: 'acknowledged',
    set: 'acknowledged_at = clock_timestamp(), claim_token = null, claim_until = null',
    only: 'true',
    more: '',
  },
} as const satisfies Record<string, OwnStep>

type StepName = keyof typeof STEPS

const inList = (states: readonly DeliveryState[]): string => states.map((state) => `'${state}'`).join(', ')

/** What is done with a row that another transaction holds: it is waited for, or left out as if it were not there. */
const HELD = { await: 'for update', leave: 'for update skip locked' } as const

/** Behind a CTE, for the planner would look at the lengths of arrays, and make a plan for each batch. */
const ASKED = `given as materialized (
    select $1::uuid[] as keys, $2::text[] as agencies, $3::uuid[] as claims, $4::uuid[] as events, $5::text[] as actors),
  asked as (
    select asked.* from given cross join unnest(keys, agencies, claims, events, actors)
      with ordinality as asked (key, agency, claim, event, actor, place))`

/**
 * Moves recipients' deliveries on and puts that on record, in one statement: alone it is a transaction, and durable when
 * it is answered. Whether each may move is decided under its lock.
 */
const moveOwn = ({ event, to, set, only, more }: OwnStep, held: keyof typeof HELD): string => `with ${ASKED},
  own as materialized (
    select asked.place, asked.event, asked.actor, found.* from asked cross join lateral (
      select delivery.id, delivery.state, delivery.handed_over_at is not null as was_handed_over,
        coalesce(claim_until > clock_timestamp() and claim_token is distinct from asked.claim, false) as held_by_another
      from delivery where id = asked.key and recipient_code = asked.agency and inbox_number is not null
      ${HELD[held]}) as found),
  moved as (
    update delivery set state = '${to}', state_since = clock_timestamp(), ${set}
    from own where delivery.id = own.id and own.state in (${inList(statesBefore(to))}) and not own.held_by_another and ${only}
    returning delivery.id, delivery.document_id, delivery.recipient_code, own.event, own.actor, own.place),
  ${more}
  recorded as (
    insert into audit_event (id, kind, actor, agency_code, document_id, delivery_id)
    select event, '${event}', actor, recipient_code, document_id, id from moved)
  select own.place::integer, own.state, own.was_handed_over as "wasHandedOver", own.held_by_another as "heldByAnother",
    moved.id is not null as moved, ${DURABLY}
  from own left join moved using (place)`

/** A statement for each step and each way with rows that are held. */
const STATEMENTS = Object.fromEntries(
  Object.entries(STEPS).flatMap(([step, of]) =>
    (Object.keys(HELD) as (keyof typeof HELD)[]).map((held) => [
      `${step} ${held}`,
      { name: `own-${step}-${held}`, text: moveOwn(of, held) },
    ]),
  ),
)

/** Moves each delivery once. Undefined for what is not theirs, has no number yet or, where so asked, is held just now. */
async function moveOwns(
  db: Queryable,
  step: StepName,
  held: keyof typeof HELD,
  moves: readonly OwnMove[],
): Promise<(OwnDelivery | undefined)[]> {
  const answer = db.query<OwnDelivery & { place: number }>({
    ...STATEMENTS[`${step} ${held}`]!,
    values: [
      moves.map(({ key }) => key),
      moves.map(({ agency }) => agency),
      moves.map(({ claimToken }) => claimToken),
      moves.map(({ event }) => event),
      moves.map(({ actor }) => actor),
    ],
  })
  passStepUnanswered('receipt-written')
  const { rows } = await answer
  const own: (OwnDelivery | undefined)[] = moves.map(() => undefined)
  for (const { place, ...row } of rows) own[place - 1] = row
  return own
}

/** What several ask for at the same time goes together; what is held, or asked for twice, is left to be done alone. */
const together = (step: StepName) =>
  gatherOn<OwnMove, OwnDelivery | undefined>(
    async (pool, moves) => {
      const once = [...new Map(moves.map((move) => [move.key, move])).values()]
      const own = await moveOwns(pool, step, 'leave', once)
      const ends = new Map(once.map((move, index) => [move, own[index]]))
      return moves.map((move) => ends.get(move))
    },
    { most: 64, lanes: 2, restMs: 15 },
  )

/**
 * Moves one delivery on: in a transaction by the statement alone, otherwise with others. A row that somebody holds is
 * waited for, and holds up nobody else.
 */
function moving(step: StepName) {
  const shared = together(step)
  return {
    alone: async (db: Queryable, move: OwnMove): Promise<OwnDelivery | undefined> =>
      (await moveOwns(db, step, 'await', [move]))[0],
    shared: async (pool: Pool, move: OwnMove): Promise<OwnDelivery | undefined> =>
      (await shared(pool, move)) ?? (await moveOwns(pool, step, 'await', [move]))[0],
  }
}

const handingOver = moving('hand-over')
const acknowledging = moving('acknowledge')

/** From now on the recipient may hold the document. Undefined where it is not theirs or has no number yet. */
export const handOverOwn = handingOver.alone
/** The same, durable when it is answered, together with what others ask for just now. */
export const handOverShared = handingOver.shared

/** The recipient has stored the document. Undefined where it is not theirs or has no number yet. */
export const acknowledgeOwn = acknowledging.alone
/** The same, durable when it is answered, together with what others ask for just now. */
export const acknowledgeShared = acknowledging.shared
