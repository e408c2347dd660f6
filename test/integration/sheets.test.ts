import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { request } from 'undici'
import { readCsv } from '../../src/sheets/read-csv.ts'
import { readXlsx } from '../../src/sheets/xlsx/read-xlsx.ts'
import { draftCalls, isProblem, type ShownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, serveApp, takeToken } from '../support/http-app.ts'
import { tram } from '../support/run-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const { call, enforce, get } = draftCalls(served)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const [an, binh] = [await tokenOf('an.admin'), await tokenOf('binh.admin')]

interface Imported {
  readonly draft: ShownDraft | null
  readonly diff: {
    readonly rules: unknown
    readonly changes: unknown[] | null
    readonly faults: { code: string; path?: string }[]
  }
  readonly closedAsMissing: number
}
const imported = (answer: Answer): Imported => answer.json() as Record<string, unknown> & Imported

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const post = (query: string, body: string | Buffer, type = 'text/csv', more: Record<string, string> = {}) =>
  served.ask(`/admin/v1/drafts/import?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${an}`, 'content-type': type, ...more },
    body,
  })
/** The bytes of an export. */
async function download(path: string) {
  const { statusCode, headers, body } = await request(`${served.url}/admin/v1/${path}`, {
    headers: { authorization: `Bearer ${an}` },
  })
  return { status: statusCode, headers, bytes: Buffer.from(await body.arrayBuffer()) }
}

t.test('a routing table goes out and comes back: no draft where it says what is in force', async (t) => {
  const hostile = { id: 'r1', channel: 'mailbox', tier: 'commune', comment: '=HYPERLINK("http://x";\'a\')' }
  await enforce(t, an, binh, {
    kind: 'routing',
    content: [hostile, { id: 'r2', channel: 'mailbox', recipient: 'H91' }],
  })
  for (const [format, type] of [
    ['csv', 'text/csv'],
    ['xlsx', XLSX],
  ] as const) {
    const file = await download(`routing-table.${format}`)
    t.equal(file.status, 200)
    t.match(file.headers['content-disposition'], new RegExp(`routing-table-\\d+\\.${format}"$`))
    t.match(file.headers['content-type'], new RegExp(type))
    const answer = await post(`kind=routing&format=${format}`, file.bytes, type)
    t.equal(answer.status, 200, answer.text)
    t.equal(answer.json().draft, null)
  }
})

t.test('a changed table is a draft like any other, and its diff is told', async (t) => {
  const file = (await download('routing-table.csv?delimiter=semicolon')).bytes.toString()
  const rows = file.trimEnd().split('\r\n')
  const changed = [rows[0], rows[2], rows[1]?.replace('mailbox', 'https-push')].join('\r\n')
  const answer = await post('kind=routing&format=csv&title=Từ%20tệp', changed)
  t.equal(answer.status, 201, answer.text)
  const { draft, diff } = imported(answer)
  t.match(draft, { kind: 'routing', title: 'Từ tệp', state: 'open', version: 1, authors: ['an.admin'] })
  t.match(diff.rules, {
    moved: [{}],
    changed: [{ id: 'r1', fields: [{ field: 'channel', after: 'https-push' }] }],
  })
  t.match((await get(an, draft!, '/diff')).json(), { rules: diff.rules })

  const again = await post(`kind=routing&format=csv&draft=${draft!.id}`, file, 'text/csv', {
    'if-match': '"1"',
  })
  t.equal(again.status, 200, again.text)
  t.match(again.json(), { draft: { id: draft!.id, version: 2 } })
  const late = await post(`kind=routing&format=csv&draft=${draft!.id}`, file, 'text/csv', {
    'if-match': '"1"',
  })
  isProblem(t, late, 'revision-conflict')
  isProblem(t, await post(`kind=routing&format=csv&draft=${draft!.id}`, file), 'request-invalid')
  const other = await post(`kind=directory&format=csv&draft=${draft!.id}`, 'code\n', 'text/csv', {
    'if-match': '"2"',
  })
  isProblem(t, other, 'request-invalid')
})

t.test('what is wrong is told by its cell, and nothing is written', async (t) => {
  const count = async () =>
    ((await call(an, 'GET', '/drafts?limit=100')).json() as { items: unknown[] }).items.length
  const before = await count()
  const answer = await post('kind=routing&format=csv', 'Mã quy tắc,Kênh\nr1,fax\nr1,mailbox\n')
  isProblem(t, answer, 'sheet-invalid')
  t.match(answer.json(), {
    errors: [
      { code: 'cell-unfitting', path: 'B2' },
      { code: 'rule-repeated', path: 'A3' },
    ],
  })
  isProblem(t, await post('kind=routing&format=xlsx', 'Mã quy tắc,Kênh\n', XLSX), 'sheet-invalid')
  isProblem(t, await post('kind=routing&format=csv', '{}', 'application/json'), 'media-type-unsupported')
  isProblem(t, await post('kind=routing&format=csv', Buffer.alloc(34_000_000)), 'payload-too-large')
  t.equal(await count(), before)
})

t.test('a table that cannot work is a draft all the same, and its faults are told by cell', async (t) => {
  const file = 'channel,recipient,id\nmailbox,H91,a\nmailbox,H98.NONE,b\n'
  const answer = await post('kind=routing&format=csv', file)
  t.equal(answer.status, 201, answer.text)
  const { draft, diff } = imported(answer)
  t.ok(
    diff.faults.some(({ path }) => path === 'B3'),
    JSON.stringify(diff.faults),
  )
  const submit = await call(an, 'POST', `/drafts/${draft!.id}/submit`, { version: 1 })
  t.ok(submit.status >= 400, 'and it is not submitted')
})

t.test('agencies: the differences become acts, and what refuses them is told by cell', async (t) => {
  const out = await download('directory.xlsx?under=H90&lang=en')
  t.equal(out.status, 200)
  t.equal((await post('kind=directory&format=xlsx', out.bytes, XLSX)).json().draft, null)
  t.equal((await readXlsx(out.bytes)).rows[0]?.cells[0], 'Code')

  const file =
    'Mã cơ quan;Tên cơ quan;Cấp;Cơ quan chủ quản\nH90.77;Xã Bảy Bảy;Cấp xã;H90\nH90.78;Xã Bảy Tám;commune;H99.NONE\n'
  const answer = await post('kind=directory&format=csv&on=2099-01-01', file)
  t.equal(answer.status, 201, answer.text)
  const { draft, diff } = imported(answer)
  t.ok(
    diff.faults.some(({ path }) => path === 'D3'),
    JSON.stringify(diff.faults),
  )
  const shown = (await get(an, draft!)).json() as { content: { act: string }[] }
  t.strictSame(
    shown.content.map(({ act }) => act),
    ['establish', 'establish'],
  )

  const csv = await readCsv((await download('directory.csv?under=H90')).bytes)
  t.equal(csv.rows[1]?.cells[0], 'H90')
  t.equal((await download('directory.csv?under=NIEMAND')).status, 404)
  t.equal((await download('routing-table.csv?revision=99999')).status, 404)
})

t.test(
  'the command line: export, a dry run that writes nothing, import as a draft of an administrator',
  async (t) => {
    Object.assign(process.env, gateway.variables)
    process.env.TRAM_CLIENT_SECRET = await addClient(served.context, 'cli.admin', 'admin')
    const AS = ['--as', 'cli.admin'] as const
    const folder = await temporaryFolder(t)
    const file = join(folder, 'bang.csv')
    t.match(await tram('routing', 'export', file, '--delimiter', ';'), { exit: 0, out: /2 rules/ })
    t.match(await tram('routing', 'import', ...AS, file), { exit: 0, out: /The file says what is in force/ })
    await writeFile(file, `${(await readFile(file)).toString()}r3;H91;;;;;;;;;mailbox\r\n`)
    const drafts = async () =>
      (await gateway.api.pool.query('select author from draft_edit order by edited_at')).rows
    const before = (await drafts()).length
    t.match(await tram('routing', 'import', file, '--dry-run'), { exit: 0, out: /r3[\s\S]*A dry run/ })
    t.equal((await drafts()).length, before)
    t.match(await tram('routing', 'import', file, '--base', '999', '--dry-run'), {
      exit: 1,
      err: /base-unknown/,
    })
    t.match(await tram('routing', 'import', ...AS, file, '--title', 'Thêm r3'), { exit: 0, out: /Thêm r3/ })
    t.match((await drafts()).at(-1)?.author, 'cli.admin')

    await writeFile(file, 'Mã quy tắc;Kênh\nr1;fax\n')
    t.match(await tram('routing', 'import', ...AS, file, '--dry-run'), {
      exit: 1,
      err: /sheet-invalid[\s\S]*B2/,
    })
    const agencies = join(folder, 'co-quan.xlsx')
    t.match(await tram('directory', 'export', agencies, '--under', 'H90'), { exit: 0 })
    t.match(await tram('directory', 'import', ...AS, agencies), {
      exit: 0,
      out: /The file says what is in force/,
    })
    await writeFile(join(folder, 'a.csv'), 'code,parent\nH90,H90\n')
    t.match(await tram('directory', 'import', ...AS, join(folder, 'a.csv'), '--dry-run'), {
      exit: 1,
      out: /error [\s\S]*B2/,
    })
    t.match(await tram('directory', 'import', ...AS, join(folder, 'a.ods')), { exit: 2, err: /csv, xlsx/ })
    t.match(await tram('routing', 'import', ...AS, file, '--draft', '0'), { exit: 2 })
  },
)
