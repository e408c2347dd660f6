import { pick } from '../../../scripts/bench/routing/random.ts'
import { DELIVERY_COLUMNS, type DeliveryRow, toDelivery } from '../../../src/db/deliveries.ts'
import type { Transaction } from '../../../src/db/pool.ts'
import {
  type AgencyCode,
  agencyCode,
  type DocumentKey,
  deliveryKey,
  newDeliveryKey,
} from '../../../src/domain/identifiers.ts'
import type { Attempt, OutboxRow, Row, Tables } from '../../simulation/tables.ts'
import { FOR_A_WORKER } from '../../support/for-a-worker.ts'

/** Of the test gateway; a document goes to each of them once. */
export const AGENCIES = ['H90', 'H91', 'H90.11', 'H90.31', 'H90.32'].map(agencyCode)

const STATES = [
  'waiting',
  'waiting',
  'waiting',
  'waiting',
  'available',
  'handed-over',
  'acknowledged',
  'withdrawn',
  'failed',
]
/** Seconds from now, far enough from each other and from what conditions compare them with. */
const AROUND = [-1_000, -200, -70, -30, 40, 300]
const PAST = [-1_000, -200, -70, -30]
const ROWS = AGENCIES.length
/** So that of two rows that are due alike one is the first. */
const APART = 0.05

type Random = () => number

const drawRow = (random: Random, number: number) => {
  const state = pick(random, STATES)
  const epoch = Math.floor(random() * 3)
  const channel = pick(random, ['mailbox', 'https-push', 'gateway'] as const)
  const reached = state === 'available' || state === 'handed-over' || state === 'acknowledged'
  return {
    id: newDeliveryKey(),
    recipient: AGENCIES[number - 1]!,
    tier: pick(random, ['province', 'commune']),
    urgency: Math.floor(random() * 5),
    channel,
    state,
    epoch,
    lease: epoch > 0 && state === 'waiting' && random() < 0.6 ? pick(random, AROUND) : null,
    next: state === 'waiting' ? pick(random, AROUND) + number * APART : null,
    told: random() < 0.6 ? pick(random, PAST) - number * APART : null,
    number: (reached && channel !== 'gateway') || random() < 0.4 ? number : null,
    handed: state === 'handed-over' || state === 'acknowledged' ? -30 : null,
    attempts: Math.floor(random() * 10),
    abandonments: Math.floor(random() * 11),
    left: channel === 'gateway' && random() < 0.5,
  }
}

/** Puts random deliveries, and what stands beside them, into an open transaction. */
export async function insertRandom(db: Transaction, document: DocumentKey, random: Random): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) => drawRow(random, index + 1))
  await db.query(
    `insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, state, lease_epoch,
        lease_until, next_attempt_at, enqueued_at, inbox_number, handed_over_at, attempts, abandonments, may_have_left)
      select id, $1, 'document', recipient, tier, urgency, channel, $3, state, epoch,
        clock_timestamp() + make_interval(secs => lease), clock_timestamp() + make_interval(secs => next),
        clock_timestamp() + make_interval(secs => told), number,
        clock_timestamp() + make_interval(secs => handed), attempts, abandonments, "left"
      from json_to_recordset($2) as given (id uuid, recipient text, tier text, urgency int, channel text, state text,
        epoch int, lease float8, next float8, told float8, number int, handed float8, attempts int, abandonments int,
        "left" boolean)`,
    [document, JSON.stringify(rows), JSON.stringify(FOR_A_WORKER)],
  )
  await db.query(
    `insert into inbox (agency_code, last_number) select code, $2 from unnest($1::text[]) as code
      on conflict (agency_code) do update set last_number = $2`,
    [AGENCIES, ROWS],
  )
  const leased = rows.filter(({ lease }) => lease !== null)
  await db.query(
    `insert into attempt (delivery_id, epoch, channel, worker, state)
      select id, epoch, 'mailbox', 'random', state from json_to_recordset($1) as given (id uuid, epoch int, state text)`,
    [
      JSON.stringify(
        leased.map(({ id, epoch }) => ({
          id,
          epoch,
          state: pick(random, ['started', 'started', 'abandoned', 'superseded']),
        })),
      ),
    ],
  )
  const inOutbox = rows.filter(() => random() < 0.3)
  await db.query(
    `insert into outbox (delivery_id, epoch, tier, urgency, is_local)
      select id, epoch, tier, urgency, local from json_to_recordset($1)
        as given (id uuid, epoch int, tier text, urgency int, local boolean)`,
    [JSON.stringify(inOutbox.map((row) => ({ ...row, local: row.channel === 'mailbox' && random() < 0.8 })))],
  )
  if (random() < 0.6) {
    await db.query(`insert into recipient_pause (agency_code, paused_by) values ($1, 'random')`, [
      pick(random, AGENCIES),
    ])
  }
}

/** Everything that the statements read and write, as the simulation sees it. */
export async function readTables(db: Transaction, document: DocumentKey): Promise<Tables> {
  const deliveries = await db.query<DeliveryRow & { enqueued_at: Date | null; abandonments: number }>(
    `select ${DELIVERY_COLUMNS}, enqueued_at, abandonments from delivery where document_id = $1 order by id`,
    [document],
  )
  const rows = deliveries.rows.map(
    (row): Row => ({ ...toDelivery(row), enqueuedAt: row.enqueued_at, abandonments: row.abandonments }),
  )
  const keys = rows.map(({ key }) => key)
  const outbox = await db.query<OutboxRow>(
    `select id, delivery_id as delivery, epoch, tier, urgency, is_local as "isLocal" from outbox where delivery_id = any($1) order by id`,
    [keys],
  )
  const { rows: ids } = await db.query<{ last: number }>('select coalesce(max(id), 0) as last from outbox')
  const attempts = await db.query<Attempt>(
    `select delivery_id as delivery, epoch, state from attempt where delivery_id = any($1) order by started_at, delivery_id`,
    [keys],
  )
  const inboxes = await db.query<{ code: string; last: number }>(
    'select agency_code as code, last_number as last from inbox where agency_code = any($1)',
    [AGENCIES],
  )
  const departures = await db.query<{ agency: AgencyCode; number: number }>(
    'select agency_code as agency, inbox_number as number from inbox_departure where delivery_id = any($1)',
    [keys],
  )
  const paused = await db.query<{ code: string }>('select agency_code as code from recipient_pause')
  return {
    deliveries: rows,
    outbox: outbox.rows.map((row) => ({ ...row, delivery: deliveryKey(row.delivery) })),
    lastOutboxId: ids[0]!.last,
    attempts: attempts.rows,
    inboxes: Object.fromEntries(inboxes.rows.map(({ code, last }) => [code, last])),
    departures: departures.rows,
    paused: paused.rows.map(({ code }) => agencyCode(code)),
  }
}
