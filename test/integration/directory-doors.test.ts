import t, { type Test } from 'tap'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const served = await serveApp(t, gateway)
const admin = await takeToken(served, 'ops.admin', await addClient(gateway.api, 'ops.admin', 'admin'))

interface Item {
  readonly code: string
  readonly name: string
  readonly open: boolean
  readonly parent: string | null
  readonly depth: number
}

const get = async (path: string) => {
  const answer = await served.ask(`/admin/v1${path}`, { headers: bearer(admin) })
  return { status: answer.status, body: answer.json() }
}
const items = async (path: string) => (await get(path)).body.items as Item[]
const codes = async (path: string) => (await items(path)).map(({ code }) => code)

const name = (code: string, text: string, validFrom: string, validTo: string | null): NewFact => ({
  subject: agencyCode(code),
  kind: 'name',
  value: { name: text },
  validFrom,
  validTo,
})

/** Three revisions: said, then found to be wrong and said otherwise. */
async function history(t: Test): Promise<{ first: number; second: number }> {
  const facts = agencyFacts({ code: 'H90.41', name: 'Xã Bốn Một', parent: 'H90', aliases: ['000.00.41.H90'] })
  const first = await recordFacts(pool, facts)
  const { rows } = await pool.query<{ id: number }>(
    `select id from directory_fact where subject = 'H90.41' and kind = 'name'`,
  )
  const renamed = [
    name('H90.41', 'Xã Bốn Một', '2020-01-01', '2025-07-01'),
    name('H90.41', 'Xã Bốn Mốt', '2025-07-01', null),
  ]
  const second = await recordFacts(
    pool,
    renamed,
    rows.map(({ id }) => id),
  )
  t.equal(second, first + 1)
  return { first, second }
}

t.test('an agency is shown as it is on a day, with all that is on record of it', async (t) => {
  const { first, second } = await history(t)
  const now = await get('/agencies/000.00.41.H90')
  t.match(now.body, { code: 'H90.41', name: 'Xã Bốn Mốt', open: true, parent: 'H90', revision: second })
  t.match((await get('/agencies/H90.41?on=2025-06-30')).body, { name: 'Xã Bốn Một', open: true })
  t.match((await get('/agencies/H90.41?on=2019-01-01')).body, { name: 'Xã Bốn Một', open: false })
  t.match(now.body.revisions, [
    { number: second, author: 'table-author', reason: 'test', draft: String, recordedAt: /^20/ },
    { number: first },
  ])
  const names = (now.body.facts as { kind: string; value: object }[]).filter(({ kind }) => kind === 'name')
  t.match(
    names,
    [
      { value: { name: 'Xã Bốn Một' }, validTo: null, assertedIn: first, retractedIn: second },
      { value: { name: 'Xã Bốn Một' }, validTo: '2025-07-01', assertedIn: second, retractedIn: null },
      { value: { name: 'Xã Bốn Mốt' }, validFrom: '2025-07-01', assertedIn: second, retractedIn: null },
    ],
    'what was taken back stays visible',
  )
  t.match(await get('/agencies/X99'), { status: 404, body: { code: 'not-found' } })
  t.match(await get('/agencies/H90?on=2025-02-30'), { status: 422 })
})

t.test('agencies are listed page by page, with filters, for any day', async (t) => {
  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await get(`/agencies?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    const page = body as { items: Item[]; nextCursor: string | null }
    t.ok(page.items.length <= 2)
    found.push(...page.items.map(({ code }) => code))
    cursor = page.nextCursor
  }
  t.strictSame(found, [...new Set(found)].sort())
  t.ok(found.includes('H90.11'), 'closed ones too')
  t.strictSame(await codes('/agencies?tier=central'), ['G90'])
  t.strictSame(await codes(`/agencies?text=${encodeURIComponent('tỉnh')}`), ['H90'])
  t.strictSame(await codes(`/agencies?text=${encodeURIComponent('tinh')}`), ['H90'], 'without diacritics')
  t.strictSame(await codes(`/agencies?text=${encodeURIComponent('tính')}`), [], 'with other diacritics')
  t.strictSame(await codes('/agencies?text=%25'), [], 'a percent sign is no wildcard')
  t.ok((await codes('/agencies?parent=H90')).includes('H90.31'))
  t.match(await items('/agencies?tier=district&on=2025-06-30'), [{ code: 'H90.11', open: true }])
  t.match(await items('/agencies?tier=district&on=2025-07-01'), [{ code: 'H90.11', open: false }])
})

t.test('the hierarchy is shown for any day', async (t) => {
  t.strictSame(await codes('/directory/tree?depth=0&on=2025-06-30'), ['G90', 'H90', 'H91'])
  t.strictSame(await codes('/directory/tree?root=H90&on=2025-06-30'), [
    'H90',
    'H90.11',
    'H90.31',
    'H90.32',
    'H90.41',
  ])
  const later = await get('/directory/tree?root=H90&on=2025-07-01')
  t.match(later.body, {
    day: '2025-07-01',
    isCut: false,
    items: [
      { code: 'H90', depth: 0, childCount: 3 },
      { code: 'H90.31', parent: 'H90', depth: 1, childCount: 0 },
      { code: 'H90.32' },
      { code: 'H90.41' },
    ],
  })
  t.match(await get('/directory/tree?root=X99'), { status: 404 })
  t.match(await get('/directory/tree?depth=9'), { status: 422 })
})

t.test('groups are listed as described, and told whom they stand for on a day', async (t) => {
  const group = (code: string, value: Extract<NewFact, { kind: 'group' }>['value']): NewFact => ({
    subject: agencyCode(code),
    kind: 'group',
    value,
    validFrom: '2025-01-01',
    validTo: null,
  })
  const listed = [agencyCode('H90.11'), agencyCode('G90'), agencyCode('X99')]
  await recordFacts(pool, [
    group('N.XA', { name: 'Các xã của Tỉnh', members: { tier: 'commune', under: agencyCode('H90') } }),
    group('N.TAM', { name: 'Nhóm tạm', members: { codes: listed } }),
  ])
  const open = (await items('/agencies?tier=commune&parent=H90')).filter((one) => one.open)
  t.match(await items('/directory/groups'), [
    { code: 'N.TAM', members: { codes: ['H90.11', 'G90', 'X99'] } },
    { code: 'N.XA', name: 'Các xã của Tỉnh', members: { tier: 'commune', under: 'H90' } },
  ])
  t.strictSame(await items('/directory/groups?on=2024-12-31'), [])
  t.strictSame(
    await codes('/directory/groups/N.XA'),
    open.map(({ code }) => code),
  )
  t.match((await get('/directory/groups/N.TAM')).body, {
    count: 2,
    missing: [{ code: 'X99', reason: 'unknown-code' }],
    items: [{ code: 'G90' }, { code: 'H90.31' }],
  })
  t.match((await get('/directory/groups/N.TAM?on=2025-06-30')).body.items, [
    { code: 'G90' },
    { code: 'H90.11' },
  ])
  const first = (await get('/directory/groups/N.TAM?limit=1')).body
  t.strictSame(await codes(`/directory/groups/N.TAM?limit=1&cursor=${String(first.nextCursor)}`), ['H90.31'])
  t.match(await get('/directory/groups/H90'), { status: 404 })
})

t.test('each revision tells what it said and what it took back', async (t) => {
  const listed = await items('/directory/revisions?limit=3')
  t.match(listed, [{ number: 4 }, { number: 3 }, { number: 2 }], 'the newest first')
  const { body } = await get('/directory/revisions/3')
  t.match(body, {
    revision: { number: 3, author: 'table-author' },
    items: [{ retractedIn: 3 }, { assertedIn: 3 }, { assertedIn: 3 }],
    nextCursor: null,
  })
  const page = (await get('/directory/revisions/3?limit=1')).body
  const rest = await get(`/directory/revisions/3?limit=2&cursor=${String(page.nextCursor)}`)
  t.match(rest.body, { items: [{ assertedIn: 3 }, { assertedIn: 3 }], nextCursor: null })
  t.match(await get('/directory/revisions/99'), { status: 404, body: { code: 'not-found' } })
})
