import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { syncDirectories } from '../../src/bin/sync-directories.ts'
import { type SyncWishes, syncDirectory } from '../../src/connector/sync-directory.ts'
import { approveDraft } from '../../src/directory/drafts/approve-draft.ts'
import { getDraft, reopenDraft, withdrawDraft } from '../../src/directory/drafts/move-draft.ts'
import { editDraft } from '../../src/directory/drafts/write-draft.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { type Answers, toldDirectory } from '../fakes/told-directory.ts'
import { testGateway } from '../support/gateway.ts'
import { tram } from '../support/run-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

let answers: Answers = {}
let asked = 0
const url = await toldDirectory(t, () => {
  asked += 1
  return answers
})
const folder = await temporaryFolder(t)
const connectors = join(folder, 'connectors.json')
await writeFile(join(folder, 'secret'), 'test-secret')
const connector = {
  name: 'truc-quoc-gia',
  channel: 'national-axis',
  url,
  systemId: 'tram.test',
  secretFile: 'secret',
}
await writeFile(connectors, JSON.stringify({ traceId: 'H90', home: ['H90'], connectors: [connector] }))
const gateway = await testGateway(t, undefined, { TRAM_CONNECTORS: connectors, TRAM_AXIS_SYNC: 'daily' })
const [exchange] = gateway.api.exchanges.all
if (exchange === undefined) throw new Error('there is one connector')
const { client } = exchange
const { pool, registry, usable } = gateway.api
const drafts = { pool, registry, usable, allowHttp: false }
await pool.query(`insert into client (client_id, role, name)
  select id, 'admin', id from unnest(array['admin.one', 'admin.two']) as id`)
const [ONE, TWO] = [{ clientId: 'admin.one' }, { clientId: 'admin.two' }]

const ok = (data: unknown) => ({ status: 'OK', ErrorCode: '0', ErrorDesc: 'Success', data })
const row = (code: string, name: string, pid = '') => ({ id: code, pid, code, name, mail: null })

/** As the directory here: that it is at home or elsewhere makes no difference as long as both say the same. */
const SAME = [
  row('G90', 'Bộ Thử nghiệm'),
  row('H90', 'Tỉnh Thử nghiệm'),
  row('H91', 'Thành phố Thử nghiệm'),
  row('H90.31', 'Xã Một', 'H90'),
  row('H90.32', 'Xã Hai', 'H90'),
]
const KNOWN_CODES = new Set(SAME.map(({ code }) => code))

const sync = (wishes?: SyncWishes) =>
  syncDirectory({ drafts, connector: { name: 'truc-quoc-gia' }, client, home: [agencyCode('H90')] }, wishes)
const tell = (...more: ReturnType<typeof row>[]) => {
  const changed = new Set(more.map(({ code }) => code))
  answers = { getAgenciesList: ok([...SAME.filter(({ code }) => !changed.has(code)), ...more]) }
}
const countDrafts = async () =>
  (await pool.query<{ count: number }>('select count(*)::int as count from draft')).rows[0]!.count
const atEnd = await countDrafts()
const isOpen = async (code: string) =>
  (await registry.upToDate(pool)).directory.isOpen(agencyCode(code), vietnamDay(new Date()))

t.test('where both say the same there is no draft', async (t) => {
  tell()
  t.match(await sync(), { outcome: 'nothing', draft: null, acts: 0, told: KNOWN_CODES.size, remarks: [] })
  t.equal(await countDrafts(), atEnd)
})

t.test('what differs waits as one draft, which later rounds replace', async (t) => {
  tell(row('G91', 'Bộ Mới'), row('H91.1', 'Xã Mới', 'H91'), row('H90', 'Tỉnh Bị đổi tên'))
  t.match(await sync({ dryRun: true }), { outcome: 'dry-run', draft: null, acts: 2 })
  t.equal(await countDrafts(), atEnd)

  const first = await sync()
  t.match(first, { outcome: 'proposed', acts: 2, remarks: [{ code: 'told-of-home', found: 'H90' }] })
  const id = first.draft ?? ''
  const draft = await getDraft(pool, id)
  t.match(draft, {
    state: 'submitted',
    authors: ['connector.truc-quoc-gia'],
    warnings: [{ code: 'told-of-home', found: 'H90', severity: 'warning' }],
  })
  t.notOk(await isOpen('G91'), 'nothing is live')

  t.match(await sync(), { outcome: 'waiting', draft: id }, 'the same again')
  t.equal((await getDraft(pool, id)).version, 1)

  tell(row('G91', 'Bộ Rất Mới'), row('H91.1', 'Xã Mới', 'H91'))
  t.match(await sync(), { outcome: 'proposed', draft: id })
  const second = await getDraft(pool, id)
  t.match(second, { version: 2, state: 'submitted', warnings: [] })
  t.match(second.content, [{ name: 'Bộ Rất Mới' }, { code: 'H91.1', tier: 'province' }])
  t.equal(await countDrafts(), atEnd + 1)

  await t.rejects(approveDraft(drafts, { clientId: 'connector.truc-quoc-gia' }, id, second), {
    code: 'approval-refused',
  })
  await approveDraft(drafts, ONE, id, second)
  t.ok(await isOpen('G91'))
  t.match(await sync(), { outcome: 'nothing', draft: null }, 'now both say the same')
})

t.test('a draft that an administrator has taken up is left to him', async (t) => {
  tell(row('G91', 'Bộ Rất Mới'), row('H91.1', 'Xã Mới', 'H91'), row('H91.2', 'Xã Ba', 'H91'))
  const { draft } = await sync()
  const id = draft ?? ''
  await reopenDraft(pool, ONE, id)
  t.match(await sync(), { outcome: 'held', draft: id })
  const opened = await getDraft(pool, id)
  await editDraft(drafts, ONE, id, opened.version, { title: 'Đã xem' })
  t.match(await sync(), { outcome: 'held', draft: id })
  await withdrawDraft(pool, TWO, id)
  const again = await sync()
  t.equal(again.outcome, 'proposed')
  t.not(again.draft, id)

  tell(row('G91', 'Bộ Rất Mới'), row('H91.1', 'Xã Mới', 'H91'))
  t.match(await sync(), { outcome: 'nothing' })
  t.equal((await getDraft(pool, again.draft ?? '')).state, 'withdrawn', 'nothing is left to change')
})

t.test('who is deleted there is closed; who is not listed stays', async (t) => {
  answers = {
    getAgenciesList: ok([row('G90', 'Bộ Thử nghiệm')]),
    'getAgenciesListQD20 1': ok([{ id: '1', code: 'G90', name: 'x', mail: '', code102: '000.00.00.G90' }]),
    getSynchronizeUnit: ok([
      { ...row('H91', 'Thành phố'), version: 2, deleted: 'true', modifyDate: '2026/11/01', isAgency: true },
      { ...row('H91.1', 'Xã Mới'), version: 2, deleted: 1, modifyDate: null, isAgency: true },
      { ...row('H90.31', 'Xã Một'), version: 2, deleted: true, modifyDate: '', isAgency: true },
    ]),
  }
  const { draft, remarks } = await sync()
  t.match(
    remarks.map(({ code, found }) => [code, found]),
    [
      ['told-of-home', 'H90.31'],
      ['days-reversed', 'H91.1'],
    ],
    'whoever began today cannot end today',
  )
  const proposed = await getDraft(pool, draft ?? '')
  t.match(proposed.content, [
    { act: 'add-alias', code: 'G90', alias: '000.00.00.G90' },
    { act: 'close', code: 'H91', successor: null },
  ])
  await approveDraft(drafts, TWO, proposed.id, proposed)
  t.notOk(await isOpen('H91'))
  t.ok(await isOpen('G91'))
  tell(row('G91', 'Bộ Rất Mới'))
  const remark = { code: 'told-closed-here', found: 'H91' }
  t.match(await sync(), { outcome: 'nothing', remarks: [remark] }, 'and is not opened again by their word')
})

t.test('what cannot be read changes nothing', async (t) => {
  for (const [what, answer, kind] of [
    ['a page of a proxy', '<html>502</html>', 'not-json'],
    ['a refusal', { status: 'FAIL', ErrorCode: '15', ErrorDesc: 'no' }, 'refused'],
    ['no list', { status: 'OK', ErrorCode: '0', ErrorDesc: 'Success', data: 'x' }, 'answer-invalid'],
  ] as const) {
    answers = { getAgenciesList: answer }
    t.match(await sync(), { outcome: 'failed', draft: null, failure: { kind } }, what)
  }
  answers = { getAgenciesList: ok(null) }
  t.match(await sync(), { outcome: 'nothing' }, 'an empty list closes nobody')
})

t.test('by command', async (t) => {
  Object.assign(process.env, gateway.variables)
  delete process.env.REDIS_URL
  tell(row('G91', 'Bộ Rất Mới'), row('K1', 'Cơ quan K'))
  const before = await countDrafts()
  const dry = await tram('axis', 'sync', 'truc-quoc-gia', '--dry-run', '--json')
  t.match(JSON.parse(dry.out), { outcome: 'dry-run', acts: 1, draft: null })
  t.equal(await countDrafts(), before)
  t.match(await tram('axis', 'sync', 'truc-quoc-gia'), { exit: 0, out: /Đã trình bản nháp.*"acts":1/s })
  t.match(await tram('axis', 'sync', 'truc-la'), { exit: 2, err: /truc-la.*truc-quoc-gia/ })
  answers = { getAgenciesList: '<html>' }
  t.match(await tram('axis', 'sync', 'truc-quoc-gia'), { exit: 1, out: /not-json/ })
})

t.test('once a day, by one of all processes', async (t) => {
  tell(row('G91', 'Bộ Rất Mới'), row('K2', 'Cơ quan K'))
  const first = asked
  const processes = [1, 2, 3].map(() => syncDirectories(gateway.api))
  await waitFor(async () => {
    const { rows } = await pool.query(
      `select from draft_edit join draft on draft.id = draft_id and draft.version = draft_edit.version
        where draft.state = 'submitted' and content -> 0 ->> 'code' = 'K2'`,
    )
    return rows.length === 1 || undefined
  })
  await Promise.all(processes.map((one) => one.stop()))
  t.equal(asked - first, 3, 'each list is asked for by one of them')
  answers = { getAgenciesList: '<html>' }
  await pool.query(`update axis_sync set asked_at = asked_at - interval '1 day'`)
  const failing = syncDirectories(gateway.api)
  const age = async () =>
    (
      await pool.query<{ seconds: number }>(
        'select extract(epoch from clock_timestamp() - asked_at)::float8 as seconds from axis_sync',
      )
    ).rows[0]?.seconds ?? 0
  await waitFor(async () => (asked - first > 3 && Math.abs((await age()) - 82_800) < 600) || undefined)
  await failing.stop()
})
