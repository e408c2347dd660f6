import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import t from 'tap'
import { findRedis, startRedis } from '../../scripts/services/redis.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts, replaceFacts } from '../support/record-facts.ts'
import { tram } from '../support/run-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
await migrateQueue(gateway.api.config.queue)
Object.assign(process.env, gateway.variables)
delete process.env.REDIS_URL

const lastEvent = async () =>
  (
    await pool.query(
      'select kind, actor, agency_code, detail from audit_event order by at desc, id desc limit 1',
    )
  ).rows[0]

t.test('what is no command is told with the usage, in both languages', async (t) => {
  for (const args of [[], ['dance'], ['agency'], ['agency', 'dance'], ['delivery', '--help']]) {
    const { exit, out, err } = await tram(...args)
    t.equal(exit, 2, args.join(' '))
    t.match(
      err,
      /Cách dùng \/ usage: tram <command>[\s\S]*tram agency show CODE[\s\S]*xem một cơ quan \/ shows an agency/,
    )
    t.equal(out, '')
  }
  t.match(await tram('--help'), { exit: 0, out: /tram doctor/ })
  const wrong = [
    ['agency', 'show'],
    ['agency', 'show', 'H90', 'H91'],
    ['agency', 'list', '--nonsense'],
    ['agency', 'list', '--limit', '0'],
    ['agency', 'list', '--on', '2026-02-30'],
    ['agency', 'show', 'H90', '--on', 'today'],
    ['client', 'add', 'x', '--role', 'king', '--name', 'N'],
    ['delivery', 'list', '--state', 'lost'],
    ['delivery', 'retry', 'x'],
    ['document', 'show', '../../etc/passwd'],
    ['doctor', 'please'],
    ['edxml', 'validate'],
  ]
  for (const args of wrong) {
    const { exit, err } = await tram(...args)
    t.equal(exit, 2, args.join(' '))
    t.match(err, new RegExp(`tram ${args[0]}`))
    t.notMatch(err, /\.ts:/)
  }
})

t.test('what is named and cannot be used is told without a stack', async (t) => {
  for (const args of [
    ['verify', 'khong-co.pdf'],
    ['verify', 'src'],
    ['tsverify', 'khong-co.tst'],
  ]) {
    const { exit, out, err } = await tram(...args)
    t.match({ exit, out }, { exit: 2, out: '' }, args.join(' '))
    t.match(err, /^(khong-co\.(pdf|tst): )?không đọc, ghi được \/ cannot be read or written \(E[A-Z]+\)$/)
  }
  for (const variable of ['TRAM_SIGNATURE_POLICY', 'TRAM_TRUST', 'TRAM_SEAL_KEY']) {
    const before = process.env[variable]
    process.env[variable] = 'package.json'
    const { exit, err } = await tram('serve')
    if (before === undefined) delete process.env[variable]
    else process.env[variable] = before
    t.equal(exit, 1, variable)
    t.match(err, new RegExp(`^${variable}: `))
  }
})

t.test('the bin ends with the exit code of its command', async (t) => {
  const run = promisify(execFile)
  await t.rejects(run(process.execPath, ['src/bin/tram.mjs', 'dance']), { code: 2, stderr: /usage/ })
  const shown = await run(process.execPath, ['src/bin/tram.mjs', 'agency', 'show', 'H90'])
  t.match(JSON.parse(shown.stdout), { code: 'H90', name: 'Tỉnh Thử nghiệm' })
  const nowhere = { ...process.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }
  await t.rejects(run(process.execPath, ['src/bin/tram.mjs', 'agency', 'list'], { env: nowhere }), {
    code: 1,
    stderr: /^database-unavailable: .*tạm thời/,
  })
  const { DATABASE_URL: _, ...unset } = process.env
  await t.rejects(run(process.execPath, ['src/bin/tram.mjs', 'agency', 'list'], { env: unset }), {
    code: 1,
    stderr: /DATABASE_URL is missing/,
  })
})

t.test('agencies, as they are on a day', async (t) => {
  const given = { code: 'H90.61', name: 'Xã Sáu Một', parent: 'H90', validFrom: '2025-07-01' }
  await recordFacts(
    pool,
    agencyFacts({ ...given, validTo: '2026-01-01', successor: 'H90.31', aliases: ['a.61', 'b.61'] }),
  )
  const shown = JSON.parse((await tram('agency', 'show', 'b.61')).out)
  t.match(shown, { code: 'H90.61', aliases: ['a.61', 'b.61'], successor: 'H90.31' })
  t.match(
    shown.facts.map(({ kind }: { kind: string }) => kind),
    ['existence', 'name', 'placement', 'alias', 'alias', 'succession'],
  )
  const listed = await tram('agency', 'list', '--parent', 'H90', '--tier', 'commune')
  t.match(
    listed.out,
    /^H90\.31 +commune .*Xã Một\nH90\.32 .*\nH90\.61 +commune +2025-07-01 +2026-01-01 +H90\.31 +Xã Sáu Một$/,
  )
  await replaceFacts(pool, 'H90.61', 'name', [
    {
      subject: agencyCode('H90.61'),
      kind: 'name',
      value: { name: 'Xã Cũ' },
      validFrom: '2025-07-01',
      validTo: '2025-09-01',
    },
    {
      subject: agencyCode('H90.61'),
      kind: 'name',
      value: { name: 'Xã Mới' },
      validFrom: '2025-09-01',
      validTo: null,
    },
  ])
  t.match(JSON.parse((await tram('agency', 'show', 'H90.61', '--on', '2025-08-31')).out), { name: 'Xã Cũ' })
  t.match(await tram('agency', 'list', '--text', 'xa moi', '--on', '2025-09-01'), { out: /^H90\.61 / })
  t.match(await tram('agency', 'list', '--text', 'xa moi', '--on', '2025-08-31'), { out: '' })
  const json = (await tram('agency', 'list', '--json', '--limit', '2', '--after', 'H90')).out.split('\n')
  t.strictSame(
    json.map((line) => JSON.parse(line).code),
    ['H90.11', 'H90.31'],
  )
  t.match(await tram('agency', 'show', 'X99'), { exit: 1, err: /^not-found: / })
})

t.test('clients', async (t) => {
  const added = await tram('client', 'add', 'dms.cli', '--role', 'agency', '--agency', 'H91', '--name', 'DMS')
  t.match(JSON.parse(added.out), { clientId: 'dms.cli', secret: /^[\w-]{43}$/ })
  const keyed = await tram(
    'client',
    'add',
    'keyed',
    '--role',
    'auditor',
    '--name',
    'Thanh tra',
    '--no-secret',
  )
  t.match(JSON.parse(keyed.out), { clientId: 'keyed', secret: null })
  t.match(await tram('client', 'add', 'dms.cli', '--role', 'admin', '--name', 'X'), {
    exit: 1,
    err: /already-exists/,
  })
  t.match(await tram('client', 'add', 'y', '--role', 'admin', '--name', 'X'), {
    exit: 1,
    err: /client-id-malformed/,
  })
  t.match(await tram('client', 'revoke', 'dms.cli'), { exit: 0 })
  t.match((await tram('client', 'list', '--agency', 'H91')).out, /dms\.cli +agency +H91 +revoked \d{4}/)
})

t.test('documents and deliveries', async (t) => {
  const { claims } = await gateway.submit(
    'H90',
    await documentPacket({ from: 'H90', to: ['H91', 'G90'], documentId: 'c1' }),
  )
  const id = claims.recipients.find(({ agency }) => agency === 'H91')!.delivery
  const other = claims.recipients.find(({ agency }) => agency === 'G90')!.delivery
  t.match(JSON.parse((await tram('document', 'show', claims.document)).out), {
    key: claims.document,
    claims: { event: 'SubmissionAcceptance' },
    timeline: {
      state: 'accepted',
      recipients: [{ delivery: { recipient: 'G90' } }, { delivery: { recipient: 'H91' } }],
    },
  })
  t.match(await tram('delivery', 'retry', id), { exit: 1, err: /^delivery-state-conflict/ })
  await pool.query(
    `update delivery set state = 'failed', next_attempt_at = null, attempts = 10 where id = $1`,
    [id],
  )
  t.match(
    (await tram('delivery', 'list', '--state', 'failed')).out,
    new RegExp(`^${id} +failed .*H90 +H91 +10 `),
  )
  t.match(await tram('delivery', 'retry', id), { exit: 0 })
  t.match(JSON.parse((await tram('delivery', 'list', '--recipient', 'H91', '--json')).out), {
    key: id,
    state: 'waiting',
    attempts: 0,
  })
  t.match(await tram('delivery', 'cancel', other, '--reason', 'gửi nhầm'), { exit: 0 })
  t.match(await lastEvent(), {
    kind: 'delivery-cancelled',
    actor: /^cli:/,
    detail: { after: { reason: { explanation: { vi: /gửi nhầm/ } } } },
  })
  t.match(await tram('document', 'show', '01890000-0000-7000-8000-000000000000'), {
    exit: 1,
    err: /^not-found/,
  })
})

t.test('doctor tells what is wrong, one line each', async (t) => {
  const sound = await tram('doctor')
  t.equal(sound.exit, 0, sound.out)
  for (const what of [
    'configuration (api)',
    'configuration (worker)',
    'seal certificate',
    'trust anchors',
    'signature policy',
    'token key',
    'axis door',
    'secret files',
    'notice key',
    'blob store',
    'database',
    'durability',
    'migrations',
    'clock',
    'agency seal keys',
    'queue (postgres)',
  ]) {
    t.equal(sound.out.split('\n').filter((line) => line.includes(`/${what}:`)).length, 1, what)
  }
  t.match(sound.out, /seal certificate: 2 read; the first to end on \d{4}-\d\d-\d\d \(\d+ days\)/)
  const { TRAM_BLOBS, DATABASE_URL } = process.env
  const broken = async (change: Record<string, string>) => {
    Object.assign(process.env, change)
    const outcome = await tram('doctor')
    Object.assign(process.env, { TRAM_BLOBS, DATABASE_URL })
    return outcome
  }
  t.match(await broken({ TRAM_BLOBS: 'package.json/blobs' }), {
    exit: 1,
    out: /failed +kho tệp\/blob store: /,
  })
  const policy = await broken({ TRAM_SIGNATURE_POLICY: 'package.json' })
  delete process.env.TRAM_SIGNATURE_POLICY
  t.match(policy, { exit: 1, out: /failed +chính sách chữ ký\/signature policy: .*package\.json/ })
  t.match(policy.out, /ok +con dấu\/seal certificate/, 'and nothing else is blamed for it')
  const away = await broken({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' })
  t.match(away, { exit: 1, out: /failed +cơ sở dữ liệu\/database: .*ECONNREFUSED/ })
  if ((await findRedis()) !== null) {
    const redis = await startRedis({ folder: await temporaryFolder(t) })
    t.teardown(() => redis.stop())
    process.env.REDIS_URL = redis.url
    t.match((await tram('doctor')).out, /ok +bộ nhớ Redis\/maxmemory-policy: noeviction/)
    const client = new Redis(redis.url)
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    client.disconnect()
    const evicting = await tram('doctor')
    t.match(evicting, { exit: 1, out: /failed +bộ nhớ Redis\/maxmemory-policy: allkeys-lru; it must be/ })
    delete process.env.REDIS_URL
  }
  await pool.query(`delete from schema_migration where name like '0003%'`)
  t.match(await tram('doctor'), {
    exit: 1,
    out: /failed +lược đồ\/migrations: run `tram migrate` for 0003_audit/,
  })
})
