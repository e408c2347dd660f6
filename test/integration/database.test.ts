import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { dumpSchema, SCHEMA_FILE } from '../../scripts/dump-schema.ts'
import { migrate } from '../../src/db/migrate.ts'
import { ATTEMPT_STATES } from '../../src/domain/attempt-state.ts'
import { ARRIVAL_STATES, type AxisMessageType } from '../../src/domain/axis/arrival.ts'
import { PACKET_STATUSES } from '../../src/domain/axis/packet-status.ts'
import { BLOB_DAMAGES } from '../../src/domain/blob-damage.ts'
import { BUSINESS_OPERATIONS } from '../../src/domain/business-operation.ts'
import type { CallerRole } from '../../src/domain/caller.ts'
import { CHANNELS } from '../../src/domain/channel-id.ts'
import { DELIVERY_STATES } from '../../src/domain/delivery-state.ts'
import { FACT_KIND_IDS } from '../../src/domain/directory/fact.ts'
import { DRAFT_KINDS, type DraftState } from '../../src/domain/draft.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import type { EvidenceKind } from '../../src/domain/evidence-item.ts'
import { REQUEST_STATES } from '../../src/domain/request-state.ts'
import type { SealLevel, WantedLevel } from '../../src/domain/seal-level.ts'
import { LEGAL_VALUES } from '../../src/domain/signature-report.ts'
import { STATUS_CODES, type StatusCodeRow } from '../../src/domain/status-code.ts'
import { SEED_TIERS } from '../../src/domain/tier.ts'
import { URGENCIES } from '../../src/domain/urgency.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { testServer } from '../support/test-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MIGRATIONS = (await readdir(join(ROOT, 'src/db/migrations'))).filter((name) => name.endsWith('.sql'))
const committed = await readFile(join(ROOT, SCHEMA_FILE), 'utf8')
const server = await testServer()

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** A database with nothing in it, dropped after the test. */
async function emptyDatabase(t: { teardown(handler: () => unknown): void }): Promise<string> {
  const name = `tram_empty_${randomBytes(8).toString('hex')}`
  await withClient(server, (client) => client.query(`create database ${name}`))
  t.teardown(() => withClient(server, (client) => client.query(`drop database ${name} with (force)`)))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** Migrates in a process of its own; answers what that process applied. */
async function migrateElsewhere(url: string): Promise<string[]> {
  const code = `import { migrate } from './src/db/migrate.ts'; console.log(JSON.stringify(await migrate(process.argv[1])))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', './scripts/strip-types.mjs', '--input-type=module', '-e', code, url],
    { cwd: ROOT },
  )
  return JSON.parse(stdout)
}

t.test('migrations', async (t) => {
  t.test('make of an empty database exactly what is committed', async (t) => {
    const url = await emptyDatabase(t)
    t.equal((await migrate(url)).length, MIGRATIONS.length)
    t.equal(await dumpSchema(url), committed, 'npm run schema writes it')
    t.strictSame(await migrate(url), [], 'and do nothing the second time')
    t.equal(await dumpSchema(url), committed)
  })

  t.test('run by three processes at once are applied once', async (t) => {
    const url = await emptyDatabase(t)
    const applied = await Promise.all([1, 2, 3].map(() => migrateElsewhere(url)))
    t.strictSame(applied.flat().sort(), MIGRATIONS.map((name) => name.replace(/\.sql$/, '')).sort())
    t.equal(await dumpSchema(url), committed)
  })
})

t.test('the dump', async (t) => {
  t.test('makes the same schema of an empty database', async (t) => {
    const url = await emptyDatabase(t)
    await withClient(url, (client) => client.query(committed))
    t.equal(await dumpSchema(url), committed)
  })

  t.test('notices every kind of change', async (t) => {
    const { url } = await createTestDatabase(t)
    const changes = [
      'alter table tier add column x integer',
      'alter table tier drop column x',
      'alter table tier alter column name_vi drop not null',
      'alter table tier alter column name_vi set default $$x$$',
      'create index x on tier (name_vi)',
      'alter table tier add constraint y check (name_vi <> $$$$)',
      'drop trigger audit_event_is_append_only on audit_event',
      'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
      'alter table delivery drop constraint delivery_document_id_fkey',
    ]
    for (const change of changes) {
      const before = await dumpSchema(url)
      await withClient(url, (client) => client.query(change))
      t.not(await dumpSchema(url), before, change)
    }
  })
})

t.test('the schema', async (t) => {
  const { url } = await createTestDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())

  t.test('lets nobody change what was said of the directory', async (t) => {
    await client.query(`insert into directory_revision (number, author, reason) values (1, 'first', 'r');
      insert into directory_fact (subject, kind, value, valid_from, asserted_in)
        values ('H90', 'existence', '{}', '2020-01-01', 1)`)
    for (const attempt of [
      `update directory_revision set author = 'somebody else'`,
      'delete from directory_revision',
      'truncate directory_revision cascade',
      `update directory_fact set valid_to = '2025-01-01'`,
      `update directory_fact set subject = 'H91'`,
      'update directory_fact set retracted_in = 2',
      'delete from directory_fact where false',
      'truncate directory_fact',
    ])
      await t.rejects(client.query(attempt), { code: /^23(001|503|514)$/ }, attempt)
  })

  t.test('lets nobody change or remove what is on record', async (t) => {
    await client.query(
      `insert into audit_event (id, kind, actor) values (gen_random_uuid(), 'export-made', 'test')`,
    )
    for (const [table, column] of [
      ['audit_event', 'actor'],
      ['routing_revision', 'author'],
    ]) {
      for (const attempt of [
        `update ${table} set ${column} = 'somebody else'`,
        `delete from ${table}`,
        `delete from ${table} where false`,
        `truncate ${table}`,
        `truncate ${table} cascade`,
      ])
        await t.rejects(client.query(attempt), { code: '23001' }, attempt)
      const { rows } = await client.query<{ count: string }>(
        `select count(*) from ${table} where ${column} <> 'somebody else'`,
      )
      t.equal(rows[0]!.count, '1', `${table} is as it was`)
    }
  })

  t.test('knows the same states, codes and channels as the code', async (t) => {
    const roles: Record<CallerRole, true> = { agency: true, admin: true, auditor: true, gateway: true }
    const kinds: Record<Envelope['kind'], true> = { document: true, status: true }
    const levels: Record<Exclude<SealLevel, 'B-B'>, true> = { 'B-T': true, 'B-LT': true, 'B-LTA': true }
    const evidence: Record<EvidenceKind, true> = { certificate: true, crl: true, ocsp: true, token: true }
    // What a draft has become takes effect by its time: the schema knows of none but that it was applied.
    const draftStates: Record<Exclude<DraftState, 'scheduled' | 'in-force'> | 'applied', true> = {
      open: true,
      submitted: true,
      applied: true,
      withdrawn: true,
    }
    const wishes: Record<WantedLevel, true> = { 'B-T': true, 'B-LT': true }
    const processing = Object.entries(STATUS_CODES).filter(
      ([, row]: [string, StatusCodeRow]) => row.rank !== undefined,
    )
    const messages: Record<AxisMessageType, true> = { edoc: true, status: true }
    const wanted: Record<string, string[]> = {
      'axis_arrival.message_type': Object.keys(messages),
      'axis_arrival.state': Object.keys(ARRIVAL_STATES),
      'axis_packet_status.status': Object.keys(PACKET_STATUSES),
      'attempt.state': Object.keys(ATTEMPT_STATES),
      'client.role': Object.keys(roles),
      'damaged_blob.damage': Object.keys(BLOB_DAMAGES),
      'delivery.channel': Object.keys(CHANNELS),
      'delivery.kind': Object.keys(kinds),
      'delivery.processing_status': processing.map(([code]) => code),
      'delivery.request_state': Object.keys(REQUEST_STATES),
      'delivery.state': Object.keys(DELIVERY_STATES),
      'directory_fact.kind': [...FACT_KIND_IDS],
      'document.kind': Object.keys(kinds),
      'document.legal_value': Object.keys(LEGAL_VALUES),
      'document.operation': Object.keys(BUSINESS_OPERATIONS),
      'draft.kind': Object.keys(DRAFT_KINDS),
      'draft.state': Object.keys(draftStates),
      'seal_due.wants': Object.keys(wishes),
      'seal_level.level': Object.keys(levels),
      'signature_evidence.kind': Object.keys(evidence),
    }
    const { rows } = await client.query<{ table: string; definition: string }>(
      `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace`,
    )
    const found = rows.flatMap(({ table, definition }) => {
      const [, column, list] = /^CHECK \(\((\w+) = ANY \(ARRAY\[(.*)\]\)\)\)$/.exec(definition) ?? []
      if (list === undefined) return []
      return [
        [`${table}.${column}`, Array.from(list.matchAll(/'([^']+)'/g), ([, value]) => value).sort()] as const,
      ]
    })
    const sorted = Object.entries(wanted).map(([column, values]) => [column, values.sort()] as const)
    t.strictSame(
      Object.fromEntries(found.sort()),
      Object.fromEntries(sorted),
      'each list of values in the schema',
    )
  })

  t.test('knows the same urgencies and tiers as the code', async (t) => {
    const levels = Object.keys(URGENCIES).map(Number)
    const { rows } = await client.query<{ definition: string }>(
      `select pg_get_constraintdef(oid) as definition from pg_constraint where conname ~ 'urgency_check'`,
    )
    t.equal(rows.length, 2)
    for (const { definition } of rows)
      t.equal(
        definition,
        `CHECK (((urgency >= ${Math.min(...levels)}) AND (urgency <= ${Math.max(...levels)})))`,
      )
    const tiers = await client.query(
      'select code, name_vi as vi, name_en as en, closed_on::text as "closedOn" from tier order by code',
    )
    t.strictSame(
      tiers.rows,
      [...SEED_TIERS].sort((a, b) => a.code.localeCompare(b.code)),
    )
  })
})
