import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { findDraft } from '../../src/db/drafts.ts'
import { currentRoutingTable } from '../../src/db/routing.ts'
import { approveDraft } from '../../src/directory/drafts/approve-draft.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { approveThrough } from '../support/approve.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient } from '../support/http-app.ts'
import { tram } from '../support/run-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const gateway = await testGateway(t)
const { pool, registry } = gateway.api
Object.assign(process.env, gateway.variables)
delete process.env.REDIS_URL
const folder = await temporaryFolder(t)

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const idIn = (out: string): string => /^[0-9a-f-]{36}/m.exec(out)?.[0] ?? ''
await addClient(gateway.api, 'second.admin', 'admin')
process.env.TRAM_CLIENT_SECRET = await addClient(gateway.api, 'first.admin', 'admin')
const AS = ['--as', 'first.admin'] as const

t.test('a draft is written, looked at, submitted and given up; an administrator approves it', async (t) => {
  const acts = [{ act: 'rename', code: 'H90', name: 'Tỉnh Mới', on: '2099-01-01' }]
  const created = await tram(
    ...['draft', 'create', await file('acts.json', acts), '--kind', 'directory', '--title', 'Đổi tên tỉnh'],
    ...AS,
  )
  t.equal(created.exit, 0, created.err)
  const id = idIn(created.out)
  t.match((await tram('draft', 'list', '--state', 'open')).out, id)
  t.match((await tram('draft', 'diff', id)).out, /2099-01-01.*Tỉnh Mới/s)
  const more = [...acts, { act: 'rename', code: 'H91', name: 'Thành phố Mới', on: '2099-01-01' }]
  t.match(
    (await tram('draft', 'edit', ...AS, id, await file('more.json', more), '--version', '1')).out,
    'version 2',
  )
  t.match(await tram('draft', 'edit', ...AS, id, await file('more.json', more), '--version', '1'), {
    exit: 1,
    err: /^revision-conflict/,
  })
  t.match((await tram('draft', 'effect', id, '--days', '3')).out, /^0 lượt chuyển trong 3 ngày qua/)
  t.match((await tram('draft', 'submit', ...AS, id)).out, /submitted for approval/)
  t.match((await tram('draft', 'show', id)).out, /authors first\.admin/)

  const draft = await findDraft(pool, id)
  const dependencies = { pool, registry, usable: WITHOUT_CONNECTOR, allowHttp: false }
  const applied = await approveDraft(dependencies, { clientId: 'second.admin' }, id, draft!)
  t.match(applied, { state: 'in-force', approvers: ['second.admin'] })
  t.match(JSON.parse((await tram('draft', 'show', id, '--json')).out), { state: 'in-force', content: more })

  const other = idIn(
    (await tram('draft', 'create', ...AS, await file('none.json', []), '--kind', 'routing', '--title', 'x'))
      .out,
  )
  t.match((await tram('draft', 'withdraw', ...AS, other)).out, /withdrawn/)
  t.match(await tram('draft', 'submit', ...AS, other), { exit: 1, err: /delivery-state-conflict/ })
})

t.test('routing revert: one command, and still a second person', async (t) => {
  const first = await approveThrough({ pool, registry }, { rules: [{ id: 'first', channel: 'mailbox' }] })
  await approveThrough({ pool, registry }, { rules: [{ id: 'second', channel: 'mailbox' }] })
  const reverted = await tram('routing', 'revert', ...AS, String(first.revision))
  t.match(reverted, { exit: 0, out: /submitted for approval/ })
  t.match(await currentRoutingTable(pool), { rules: [{ id: 'second' }] }, 'nothing is in force before')
  const draft = await findDraft(pool, idIn(reverted.out))
  const dependencies = { pool, registry, usable: WITHOUT_CONNECTOR, allowHttp: false }
  await approveDraft(dependencies, { clientId: 'second.admin' }, draft!.id, draft!)
  t.match(await currentRoutingTable(pool), { rules: [{ id: 'first' }], approvedBy: 'second.admin' })
})

t.test('directory revert: takes back what a revision said', async (t) => {
  const rename = { act: 'rename', code: agencyCode('G90'), name: 'Bộ Nhầm', on: '2098-01-01' } as const
  const { revision } = await approveThrough({ pool, registry }, { acts: [rename] })
  t.match(await tram('directory', 'revert', ...AS, String(revision)), {
    exit: 0,
    out: /submitted for approval/,
  })
  t.match(await tram('directory', 'revert', ...AS, '99999'), { exit: 1, err: /not-found/ })
})

t.test('what cannot be read or meant is told', async (t) => {
  const create = (path: string, ...more: string[]) =>
    tram('draft', 'create', ...AS, path, '--kind', 'routing', '--title', 'x', ...more)
  t.match(await create(await file('bad.json', '{')), { exit: 2, err: /is no JSON/ })
  t.match(await create(join(folder, 'absent.json')), { exit: 2, err: /ENOENT/ })
  t.match(await create(await file('acts2.json', [{ act: 'rename' }])), { exit: 1, err: /request-invalid/ })
  t.match(await create(await file('ok.json', []), '--effective-at', 'soon'), { exit: 2, err: /no time/ })
  t.match(await create(await file('ok.json', []), '--effective-at', '2020-01-01'), {
    exit: 1,
    err: /effective-at-past/,
  })
  t.match(
    await tram(
      'draft',
      'create',
      ...AS,
      await file('ok.json', []),
      '--kind',
      'routing',
      '--title',
      'a\u001b[2Jb',
    ),
    {
      exit: 1,
      err: /title-malformed/,
    },
  )
  t.match(await tram('draft', 'show', '01890000-0000-7000-8000-000000000000'), { exit: 1, err: /not-found/ })
})

t.test('whoever writes says who he is, and proves it; what is refused is on record', async (t) => {
  const path = await file('proof.json', [])
  const create = (...more: string[]) =>
    tram('draft', 'create', path, '--kind', 'routing', '--title', 'x', ...more)
  const secret = process.env.TRAM_CLIENT_SECRET
  t.match(await create(), { exit: 2, err: /--as/ })
  delete process.env.TRAM_CLIENT_SECRET
  t.match(await create(...AS), { exit: 2, err: /TRAM_CLIENT_SECRET/ })
  const auditor = await addClient(gateway.api, 'some.auditor', 'auditor')
  for (const [as, given, code] of [
    ['first.admin', 'wrong', 'client-invalid'],
    ['second.admin', secret, 'client-invalid'],
    ['nobody.here', secret, 'client-invalid'],
    ['cli:root', secret, 'client-invalid'],
    ['some.auditor', auditor, 'scope-insufficient'],
  ] as const) {
    process.env.TRAM_CLIENT_SECRET = given
    t.match(await create('--as', as), { exit: 1, err: new RegExp(`^${code}`) }, as)
  }
  process.env.TRAM_CLIENT_SECRET = secret
  await pool.query(`update client set certificate_sha256 = $1 where client_id = 'first.admin'`, [
    'a'.repeat(64),
  ])
  t.match(await create(...AS), { exit: 1, err: /^certificate-mismatch/ }, 'no certificate is shown')
  const { rows } = await pool.query<{ problem: string; claimed: string | null }>(
    `select detail ->> 'problem' as problem, detail ->> 'claimedClient' as claimed from audit_event
      where kind = 'access-refused' and actor like 'cli:%' order by at, id`,
  )
  t.strictSame(
    rows.map(({ problem, claimed }) => `${problem} ${claimed}`),
    [
      'client-invalid first.admin',
      'client-invalid second.admin',
      'client-invalid null',
      'client-invalid null',
      'scope-insufficient some.auditor',
      'certificate-mismatch first.admin',
    ],
  )
})
