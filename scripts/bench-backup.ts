import { mkdtemp, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../src/db/migrate.ts'
import { testGateway } from '../test/support/gateway.ts'
import { documentPacket } from '../test/support/packets.ts'
import { tram } from '../test/support/run-tram.ts'
import { removeServiceData, startServices } from './services/index.ts'

/*
 * npm run bench:backup [documents]: how long a backup and its restoration take and how large it is, with documents of
 * 10 KB and seals of 4 KB, two recipients each, on servers of its own with durable settings.
 */
const DOCUMENTS = Number(process.argv[2] ?? 100_000)
const [PACKET, SEAL] = [10_240, 4_096]

const endings: (() => unknown)[] = []
const t = { teardown: (handler: () => unknown) => void endings.unshift(handler) }
const folder = await mkdtemp(join(tmpdir(), 'tram-bench-backup-'))
t.teardown(() => removeServiceData(folder))
async function main(): Promise<void> {
  const services = await startServices({ folder, durable: true, queue: 'postgres', given: {} })
  t.teardown(() => services.stop())
  const { databaseUrl } = services
  await migrate(databaseUrl)
  const gateway = await testGateway(t, { databaseUrl, redisUrl: null })
  await store(gateway.api.pool, await submitOne(gateway))
  const variables = { ...gateway.variables }
  const backups = join(folder, 'backups')
  Object.assign(process.env, variables)
  delete process.env.REDIS_URL
  await measured('backup', () => tram('backup', '--to', backups))
  console.log(
    `  database ${await sizeOf(join(backups, await newest(backups), 'database'))} MB under gzip, blobs ${await sizeOf(join(backups, 'blobs'))} MB`,
  )
  await measured('second backup, nothing new', () => tram('backup', '--to', backups))
  await measured('check', () => tram('restore', '--check', '--from', backups))
  Object.assign(process.env, {
    DATABASE_URL: await emptyDatabase(databaseUrl),
    TRAM_BLOBS: join(folder, 'restored'),
  })
  await measured('restore', () => tram('restore', '--from', backups))
}

async function submitOne(gateway: Awaited<ReturnType<typeof testGateway>>): Promise<string> {
  const packet = await documentPacket({
    from: 'G90',
    to: ['H90', 'H91'],
    documentId: 'G90,2026/11/20,1/BTN-VP',
  })
  const { claims } = await gateway.submit('G90', packet)
  await gateway.deliverDue()
  return claims.document
}

/** Likes of one document that was really accepted, each with blobs of its own. */
async function store(pool: pg.Pool, original: string): Promise<void> {
  const client = await pool.connect()
  await client.query('set statement_timeout = 0')
  for (let from = 1; from <= DOCUMENTS; from += 2_000) {
    const to = Math.min(DOCUMENTS, from + 1_999)
    await client.query(
      `with copied as (
          insert into document select made.* from document as original, generate_series($2::int, $3::int) as n,
            lateral jsonb_populate_record(original, jsonb_build_object('id', gen_random_uuid(),
              'submission_key', 'bench-' || n, 'edxml_document_id', 'G90,2026/11/20,' || n || '/BTN-VP',
              'packet_sha256', encode(sha256(convert_to(rpad('packet ' || n || ' ', ${PACKET}, 'x'), 'UTF8')), 'hex'),
              'packet_length', ${PACKET}, 'receipt', receipt || md5(n::text) || md5(n || 'a') || md5(n || 'b'),
              'seal_sha256', encode(sha256(convert_to(rpad('seal ' || n || ' ', ${SEAL}, 'x'), 'UTF8')), 'hex'))) as made
          where original.id = $1 returning id),
        sent as (
          insert into delivery select made.* from delivery as original, copied,
            lateral jsonb_populate_record(original, jsonb_build_object('id', gen_random_uuid(), 'document_id', copied.id,
              'inbox_number', null, 'state', 'waiting', 'next_attempt_at', now() + interval '1 day')) as made
          where original.document_id = $1 returning id, document_id)
        insert into audit_event (id, kind, actor, document_id, delivery_id, detail)
        select gen_random_uuid(), 'delivery-available', 'worker', document_id, id, '{"attempt": 1, "channel": "mailbox"}'
        from sent`,
      [original, from, to],
    )
    await client.query(
      `insert into small_blob (sha256, bytes)
        select encode(sha256(made.bytes), 'hex'), made.bytes from generate_series($1::int, $2::int) as n,
          lateral (values (convert_to(rpad('packet ' || n || ' ', ${PACKET}, 'x'), 'UTF8')),
            (convert_to(rpad('seal ' || n || ' ', ${SEAL}, 'x'), 'UTF8'))) as made (bytes)`,
      [from, to],
    )
    if (to % 20_000 === 0) console.log(`  ${to} stored`)
  }
  client.release()
}

async function emptyDatabase(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('create database restored')
  await client.end()
  const url = new URL(databaseUrl)
  url.pathname = '/restored'
  return url.href
}

async function measured(
  name: string,
  work: () => Promise<{ exit: number; out: string; err: string }>,
): Promise<void> {
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 100)
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  const { exit, out, err } = await work()
  clearInterval(watch)
  const { user, system } = process.cpuUsage(cpu)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${name}: ${seconds} s, ${((user + system) / 1e6).toFixed(1)} s of processor time, ${Math.round(most / 2 ** 20)} MB, exit ${exit}`,
  )
  if (exit !== 0) throw new Error(`${out}\n${err}`)
}

async function newest(path: string): Promise<string> {
  const names = (await readdir(path)).filter((name) => name !== 'blobs')
  return names.sort().at(-1)!
}

/** MB of all files beneath. */
async function sizeOf(root: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  return Math.round(bytes / 1e6)
}

try {
  await main()
} finally {
  for (const end of endings) await end()
}
