import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { PoolClient } from 'pg'
import t from 'tap'
import { edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { STEP_CHANNEL } from '../../src/step.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const ministry = signingAgency({ ca: gateway.ca, name: 'Bộ Thử nghiệm', code: 'G90' })
const MINISTRY = 'G90'
const PROVINCE = 'H90'

let serial = 0
const packets = (count: number, subject = 'Về việc thử nghiệm') =>
  Promise.all(
    Array.from({ length: count }, () =>
      documentPacket({
        from: MINISTRY,
        to: [PROVINCE],
        documentId: edxmlDocumentId(`${MINISTRY},2026/11/22,${++serial}/BTN-VP`),
        subject,
      }),
    ),
  )

/** How many transactions wrote documents while `work` went on. */
async function writings(work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const listen = (step: unknown) => {
    if (step === 'accept-written') count += 1
  }
  subscribe(STEP_CHANNEL, listen)
  await work().finally(() => unsubscribe(STEP_CHANNEL, listen))
  return count
}

const countOf = async (table: 'document' | 'delivery' | 'outbox' | 'audit_event' | 'idempotency_key') =>
  (await pool.query<{ count: number }>(`select count(*) from ${table}`)).rows[0]!.count

t.test(
  'documents that come at the same time share transactions, and each has all that is its own',
  async (t) => {
    const many = await packets(24)
    const before = [await countOf('document'), await countOf('delivery'), await countOf('audit_event')]
    const transactions = await writings(async () => {
      const accepted = await Promise.all(
        many.map((packet, index) => gateway.submit(MINISTRY, packet, `cùng lúc ${index}`)),
      )
      t.equal(new Set(accepted.map(({ claims }) => claims.document)).size, 24)
      t.ok(accepted.every(({ replayed, claims }) => !replayed && claims.recipients.length === 1))
    })
    t.ok(transactions < 12, `${transactions} transactions`)
    t.same(
      [await countOf('document'), await countOf('delivery')],
      before.slice(0, 2).map((count) => count + 24),
    )
    t.ok((await countOf('audit_event')) >= before[2]! + 24)
    const { rows } = await pool.query(`select delivery.accepted_at, document.accepted_at as of_document
      from delivery join document on document.id = delivery.document_id
      where delivery.accepted_at is distinct from document.accepted_at`)
    t.strictSame(rows, [], 'each delivery is dated as its document is')
    const again = await gateway.submit(MINISTRY, many[7]!, 'cùng lúc 7')
    t.ok(again.replayed)
  },
)

t.test('one whose key stands for another document is refused, and those beside it are taken', async (t) => {
  const [first, ...others] = await packets(6)
  await gateway.submit(MINISTRY, first!, 'đã dùng')
  const ends = await Promise.allSettled(
    others.map((packet, index) =>
      gateway.submit(MINISTRY, packet, index < 2 ? 'tranh nhau' : `riêng ${index}`),
    ),
  )
  const refused = ends.filter((end) => end.status === 'rejected')
  t.equal(refused.length, 1, 'of two under one new key one is taken')
  t.match(refused[0]?.reason, { code: 'idempotency-key-reused' })
  t.match(ends.slice(2), [{ status: 'fulfilled' }, { status: 'fulfilled' }, { status: 'fulfilled' }])
})

t.test('twins in one batch are one document', async (t) => {
  const [packet] = await packets(1)
  const before = await countOf('document')
  const ends = await Promise.all(Array.from({ length: 12 }, () => gateway.submit(MINISTRY, packet!)))
  t.equal(new Set(ends.map(({ receipt }) => receipt)).size, 1)
  t.equal(await countOf('document'), before + 1)
})

t.test('one that the database refuses harms no other', async (t) => {
  await pool.query(`create function refuse_poison() returns trigger language plpgsql as $$
      begin if new.subject = 'độc' then raise exception 'poison'; end if; return new; end $$;
    create trigger poison before insert on document for each row execute function refuse_poison()`)
  t.teardown(() => pool.query('drop trigger poison on document; drop function refuse_poison'))
  const sound = await packets(8)
  const [poison] = await packets(1, 'độc')
  const ends = await Promise.allSettled(
    [...sound.slice(0, 4), poison!, ...sound.slice(4)].map((packet) => gateway.submit(MINISTRY, packet)),
  )
  t.same(
    ends.map(({ status }) => status),
    [...Array(4).fill('fulfilled'), 'rejected', ...Array(4).fill('fulfilled')],
  )
})

t.test('one whose twin is held up elsewhere holds up no others', async (t) => {
  const [held, ...others] = await packets(5)
  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query(`select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 7005))`, [
    MINISTRY,
    `document:${MINISTRY},2026/11/22,${serial - 4}/BTN-VP`,
  ])
  let isHeld = true
  const waiting = gateway.submit(MINISTRY, held!).then((accepted) => {
    t.notOk(isHeld, 'it waits for its twin')
    return accepted
  })
  const accepted = await Promise.all(others.map((packet) => gateway.submit(MINISTRY, packet)))
  t.equal(accepted.length, 4)
  isHeld = false
  await holder.query('rollback')
  holder.release()
  t.notOk((await waiting).replayed)
})

/** Rows that a frozen process may have written and not committed, and that documents with these packets and keys need. */
const HELD_ROWS: Record<
  string,
  (holder: PoolClient, packets: readonly Uint8Array[], keys: readonly string[]) => Promise<unknown>
> = {
  'a blob': (holder, packets) =>
    holder.query('insert into small_blob (sha256, bytes) select * from unnest($1::text[], $2::bytea[])', [
      packets.map((packet) => createHash('sha256').update(packet).digest('hex')),
      packets,
    ]),
  'an Idempotency-Key': (holder, _packets, keys) =>
    holder.query(
      `insert into idempotency_key (client_id, key, fingerprint, document_id)
        select client_id, unnest($1::text[]), 'x', id from (select client_id, id from document limit 1) as one`,
      [keys],
    ),
  evidence: (holder) =>
    holder.query('insert into signature_evidence (sha256, kind, der) select * from held_evidence'),
}

for (const [what, holdRow] of Object.entries(HELD_ROWS))
  t.test(`${what} that another process has written and not committed holds up no others`, async (t) => {
    const signer = signingAgency({ ca: gateway.ca, name: 'Bộ Thử nghiệm', code: 'G90' })
    const signed = (all: readonly Uint8Array[]) => all.map((packet) => signer.signPacket(packet, 'agency'))
    // More than there are lanes for batches.
    const held = signed(await packets(3))
    const keys = held.map((_, index) => `giữ ${what} ${index}`)
    if (what === 'evidence') await keepEvidenceAside(signed(await packets(1))[0]!)
    const others = await packets(8)
    const holder = await pool.connect()
    await holder.query('begin')
    await holdRow(holder, held, keys)
    let isHeld = true
    const waiting = held.map(async (packet, index) => {
      const accepted = await gateway.submit(MINISTRY, packet, keys[index])
      t.notOk(isHeld, 'it waits for its own row')
      t.notOk(accepted.replayed)
    })
    await waitFor(async () => {
      const { rows } = await pool.query(
        `select from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()`,
      )
      return rows.length > 0
    })
    const at = performance.now()
    await Promise.all(others.map((packet) => gateway.submit(MINISTRY, packet)))
    const ms = Math.round(performance.now() - at)
    t.ok(ms < 3_000, `the others after ${ms} ms`)
    isHeld = false
    await holder.query('rollback')
    holder.release()
    await Promise.all(waiting)
  })

t.test(
  'of many that come at once with one whose row is held, the others still share transactions',
  async (t) => {
    const many = await packets(32)
    const holder = await pool.connect()
    await holder.query('begin')
    await HELD_ROWS['an Idempotency-Key']!(holder, [], ['giữ giữa nhiều'])
    let isHeld = true
    const HELD = 20
    const all: Promise<unknown>[] = []
    const transactions = await writings(async () => {
      for (const [index, packet] of many.entries())
        all.push(gateway.submit(MINISTRY, packet, index === HELD ? 'giữ giữa nhiều' : `giữa nhiều ${index}`))
      all[HELD] = all[HELD]!.then(() => t.notOk(isHeld, 'it waits for its own row'))
      await Promise.all(all.filter((_, index) => index !== HELD))
    })
    t.ok(transactions < 16, `${transactions} transactions`)
    isHeld = false
    await holder.query('rollback')
    holder.release()
    await Promise.all(all)
  },
)

/** What a document of this sender needs is known to the test, and no longer to the gateway. */
async function keepEvidenceAside(packet: Uint8Array): Promise<void> {
  const { claims } = await gateway.submit(MINISTRY, packet)
  await pool.query(`create table held_evidence as
    select signature_evidence.* from signature_evidence join document_evidence using (sha256)
    where document_id = '${claims.document}'`)
  await pool.query('delete from document_evidence')
  await pool.query('delete from signature_evidence')
}

t.test('evidence that is thought to be kept and is not is written after all', async (t) => {
  const [one, other] = (await packets(2)).map((packet) => ministry.signPacket(packet, 'agency'))
  await gateway.submit(MINISTRY, one!)
  await pool.query('delete from document_evidence; delete from signature_evidence')
  const { claims } = await gateway.submit(MINISTRY, other!)
  const { rows } = await pool.query(
    'select kind from document_evidence join signature_evidence using (sha256) where document_id = $1',
    [claims.document],
  )
  t.ok(rows.length > 0)
})
