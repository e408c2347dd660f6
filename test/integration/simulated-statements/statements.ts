import { restartDelivery } from '../../../src/db/admin-deliveries.ts'
import { closeAttempts, openAttempts } from '../../../src/db/attempts.ts'
import { withdrawDeliveries } from '../../../src/db/deliveries.ts'
import { hastenNotices } from '../../../src/db/hasten.ts'
import { redirectDeliveries } from '../../../src/db/in-flight-moves.ts'
import * as leases from '../../../src/db/leases.ts'
import * as local from '../../../src/db/local-deliveries.ts'
import * as outbox from '../../../src/db/outbox.ts'
import { acknowledgeOwn, handOverOwn } from '../../../src/db/own-deliveries.ts'
import type { Transaction } from '../../../src/db/pool.ts'
import { othersInHandUntil } from '../../../src/db/suspects.ts'
import { PATIENCE } from '../../../src/delivery/reconcile.ts'
import { agencyCode, uuidv7 } from '../../../src/domain/identifiers.ts'
import * as twinLeases from '../../simulation/lease-statements.ts'
import * as twinLocal from '../../simulation/local-statements.ts'
import * as twinOutbox from '../../simulation/outbox-statements.ts'
import * as twinPeople from '../../simulation/recipient-statements.ts'
import { RULES } from '../../simulation/rules.ts'
import { later, type Row, type Tables } from '../../simulation/tables.ts'

/** One statement, in SQL and as a function of tables. Both answer alike, and leave the same behind. */
export interface Pair {
  readonly sql: (db: Transaction, row: Row, now: Date) => Promise<unknown>
  readonly twin: (tables: Tables, row: Row, now: Date) => readonly [tables: Tables, answer: unknown]
}

const SECONDS = 60
const BATCH = 2
const ROUND = { tiers: ['province', 'commune'], limit: BATCH }
const SUCCESSOR = agencyCode('G90')

const byRecipient = ({ key, recipient: agency }: Row) => ({
  ...{ key, agency, claimToken: null, actor: 'test', event: uuidv7() },
})

const orNothing = (before: Tables, after: Tables | null): readonly [Tables, boolean] => [
  after ?? before,
  after !== null,
]

const SETTLEMENTS: Readonly<Record<string, leases.Settlement>> = {
  available: { state: 'available', retryAfter: null, reason: null, counts: true },
  'handed on': { state: 'handed-over', retryAfter: null, reason: null, counts: true, remoteId: '17' },
  later: { state: 'waiting', retryAfter: 300, reason: { code: 'x' }, counts: true, mayHaveLeft: false },
  failed: { state: 'failed', retryAfter: null, reason: { code: 'x' }, counts: false },
}

/** Under its own epoch, and under the one before. */
const EPOCHS = { 'its own epoch': 0, 'an old epoch': -1 } as const

/** A channel whose deliveries may lie in no inbox would break a check of the database where it was settled as available. */
const inSomeInbox = (row: Row): boolean => row.inboxNumber !== null || row.channel === 'gateway'

const underLease = Object.entries(EPOCHS).flatMap(([name, less]): [string, Pair][] => [
  [
    `renew under ${name}`,
    {
      sql: (db, { key, leaseEpoch }) => leases.renewLease(db, key, leaseEpoch + less, SECONDS),
      twin: (tables, { key, leaseEpoch }, now) =>
        orNothing(tables, twinLeases.renewLease(RULES, tables, now, key, leaseEpoch + less, SECONDS)),
    },
  ],
  [
    `hold under ${name}`,
    {
      sql: (db, { key, leaseEpoch }, now) =>
        leases.holdLease(db, key, leaseEpoch + less, later(now, 300), null),
      twin: (tables, { key, leaseEpoch }, now) => [
        twinLeases.holdLease(RULES, tables, key, leaseEpoch + less, later(now, 300)),
        undefined,
      ],
    },
  ],
  ...Object.entries(SETTLEMENTS).map(([what, settlement]): [string, Pair] => [
    `settle as ${what} under ${name}`,
    {
      sql: async (db, row) =>
        inSomeInbox(row) && leases.settleLease(db, row.key, row.leaseEpoch + less, settlement),
      twin: (tables, row, now) =>
        inSomeInbox(row)
          ? orNothing(
              tables,
              twinLeases.settleLease(RULES, tables, now, row.key, row.leaseEpoch + less, settlement),
            )
          : [tables, false],
    },
  ]),
  ...(['mailbox', 'gateway'] as const).flatMap((channel) =>
    [null, 300].map((wait): [string, Pair] => {
      const way = (now: Date) => ({
        channel,
        route: {},
        notBefore: wait === null ? null : later(now, wait),
        reason: null,
      })
      return [
        `reroute to ${channel}, ${wait === null ? 'at once' : 'later'}, under ${name}`,
        {
          sql: (db, { key, leaseEpoch }, now) => leases.rerouteLease(db, key, leaseEpoch + less, way(now)),
          twin: (tables, { key, leaseEpoch }, now) =>
            orNothing(tables, twinLeases.rerouteLease(RULES, tables, now, key, leaseEpoch + less, way(now))),
        },
      ]
    }),
  ),
])

export const STATEMENTS: Readonly<Record<string, Pair>> = {
  ...Object.fromEntries(underLease),
  take: {
    sql: async (db, { key }) => {
      const taken = await leases.takeLease(db, key, SECONDS)
      if (taken === null) return null
      await openAttempts(db, [
        { delivery: key, epoch: taken.leaseEpoch, channel: taken.channel, worker: 'test' },
      ])
      await leases.numberInInbox(db, taken)
      return taken.abandonments
    },
    twin: (tables, { key }, now) => {
      const found = twinLeases.takeLease(RULES, tables, now, key, SECONDS)
      if (found === null) return [tables, null]
      const opened = twinLeases.openAttempt(found.tables, found.taken)
      return [twinLeases.numberInInbox(RULES, opened, found.taken), found.taken.abandonments]
    },
  },
  'others in hand over which workers died': {
    sql: (db, { key }) => othersInHandUntil(db, key),
    twin: (tables, { key }, now) => [tables, twinLeases.othersInHandUntil(RULES, tables, now, key)],
  },
  ...Object.fromEntries(
    (['succeeded', 'superseded'] as const).map((state): [string, Pair] => [
      `close an attempt as ${state}`,
      {
        sql: (db, { key, leaseEpoch: epoch }) => closeAttempts(db, [{ key, epoch }], state, null),
        twin: (tables, { key, leaseEpoch }) => [
          twinLeases.closeAttempt(tables, key, leaseEpoch, state),
          undefined,
        ],
      },
    ]),
  ),
  'queue what is due': {
    sql: (db) => outbox.queueDue(db, BATCH),
    twin: (tables, _row, now) => counted(twinOutbox.queueDue(RULES, tables, now, BATCH)),
  },
  'queue what is due of a tier': {
    sql: (db, { tier }) => outbox.queueDueOfTier(db, tier, BATCH),
    twin: (tables, { tier }, now) => counted(twinOutbox.queueDueOfTier(RULES, tables, now, tier, BATCH)),
  },
  'queue these again': {
    sql: (db, { key }) => outbox.requeueThese(db, [key]),
    twin: (tables, { key }, now) => counted(twinOutbox.requeueThese(RULES, tables, now, [key])),
  },
  'find what is to be told first': {
    sql: (db, { key }) => outbox.findNextNotice(db, key),
    twin: (tables, { key }, now) => [tables, twinOutbox.findNextNotice(RULES, tables, now, key)],
  },
  'count what seems forgotten': {
    sql: async (db, row) => {
      const found = (await outbox.countForgotten(db, PATIENCE)).find(({ tier }) => tier === row.tier)
      return found === undefined ? 0 : [found.due, found.forgotten]
    },
    twin: (tables, { tier }, now) => {
      const { due, forgotten } = twinOutbox.countForgotten(RULES, tables, now, PATIENCE, tier)
      return [tables, forgotten === 0 ? 0 : [due, forgotten]]
    },
  },
  'queue what seems forgotten': {
    sql: (db, { tier }) => outbox.requeueForgotten(db, tier, PATIENCE, BATCH),
    twin: (tables, { tier }, now) =>
      counted(twinOutbox.requeueForgotten(RULES, tables, now, PATIENCE, { tier, limit: BATCH })),
  },
  'take out of the outbox': {
    sql: async (db) => sorted((await outbox.takeOutbox(db, BATCH)).map(({ delivery }) => delivery)),
    twin: (tables) => {
      const taken = twinOutbox.takeOutbox(RULES, tables, BATCH, new Set())
      return [twinOutbox.deleteOutbox(tables, taken), sorted(taken.map(({ delivery }) => delivery))]
    },
  },
  ...Object.fromEntries(
    (
      [
        ['what the outbox holds', local.deliverOutboxLocally, twinLocal.deliverOutboxLocally],
        ['what is due', local.deliverDueLocally, twinLocal.deliverDueLocally],
      ] as const
    ).map(([what, sql, twin]): [string, Pair] => [
      `put ${what} into inboxes`,
      {
        sql: async (db) => (await sql(db, { worker: 'test', ...ROUND })).delivered,
        twin: (tables, _row, now) => {
          const done = twin(RULES, tables, now, ROUND)
          return [done.tables, done.keys.length]
        },
      },
    ]),
  ),
  'tell at once who answers again': {
    sql: async (db, { recipient }) => (await hastenNotices(db, recipient)) > 0,
    twin: (tables, { recipient }, now) => {
      const after = twinLocal.hasten(tables, now, recipient)
      return [after, after !== tables]
    },
  },
  'hand over': {
    sql: async (db, row) => {
      const own = await handOverOwn(db, byRecipient(row))
      return own !== undefined && (own.wasHandedOver || own.moved)
    },
    twin: (tables, { key, recipient }, now) =>
      orNothing(tables, twinPeople.handOver(RULES, tables, now, recipient, key)),
  },
  acknowledge: {
    sql: async (db, row) => (await acknowledgeOwn(db, byRecipient(row)))?.moved ?? false,
    twin: (tables, { key, inboxNumber }, now) =>
      inboxNumber === null
        ? [tables, false]
        : orNothing(tables, twinPeople.acknowledge(RULES, tables, now, key)),
  },
  withdraw: {
    sql: async (db, { key }) => (await withdrawDeliveries(db, [key], { code: 'x' })) === 1,
    twin: (tables, { key }, now) =>
      orNothing(tables, twinPeople.withdraw(RULES, tables, now, key, { code: 'x' })),
  },
  'retry what has failed': {
    sql: (db, { key }) => restartDelivery(db, key),
    twin: (tables, { key }, now) => orNothing(tables, twinPeople.restart(RULES, tables, now, key)),
  },
  redirect: {
    sql: async (db, { key, recipient: from, tier, channel }) =>
      (await redirectDeliveries(db, [
        { key, from, to: SUCCESSOR, tier, channel, route: {}, firstAttemptAt: null },
      ])) === 1,
    twin: (tables, { key, recipient: from, tier, channel }, now) =>
      orNothing(
        tables,
        twinPeople.redirect(tables, now, key, { from, to: SUCCESSOR, tier, channel, route: {} }),
      ),
  },
}

const sorted = (list: readonly string[]): string[] => [...list].sort()

const counted = ({
  tables,
  queued,
}: {
  tables: Tables
  queued: readonly Row[]
}): readonly [Tables, number] => [tables, queued.length]
