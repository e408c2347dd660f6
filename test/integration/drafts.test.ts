import t, { type Test } from 'tap'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const [an, binh] = [await tokenOf('an.admin'), await tokenOf('binh.admin')]

interface Call {
  readonly body?: unknown
  readonly version?: number
}

function call(token: string, method: 'GET' | 'POST' | 'PUT', path: string, { body, version }: Call = {}) {
  return served.ask(`/admin/v1${path}`, {
    method,
    headers: {
      ...bearer(token),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(version !== undefined && { 'if-match': `"${version}"` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

interface Shown {
  id: string
  version: number
  contentSha256: string
  state: string
  revision: number | null
  warnings: { code: string }[]
  content: unknown[]
  conflict: { base: number; live: number; subjects: string[] } | null
}

const shown = (answer: Answer): Shown => answer.json() as unknown as Shown

async function begin(t: Test, draft: object, token = an): Promise<Shown> {
  const answer = await call(token, 'POST', '/drafts', { body: { title: 'Thử', ...draft } })
  t.equal(answer.status, 201, answer.text)
  return shown(answer)
}

const submit = ({ id, version }: Shown, token = an) =>
  call(token, 'POST', `/drafts/${id}/submit`, { version })
const approve = ({ id, version, contentSha256 }: Shown, token = binh) =>
  call(token, 'POST', `/drafts/${id}/approve`, { body: { version, contentSha256 } })

async function enforce(t: Test, draft: object): Promise<Shown> {
  const begun = await begin(t, draft)
  const submitted = await submit(begun)
  t.equal(submitted.status, 200, submitted.text)
  const approved = await approve(begun)
  t.equal(approved.status, 200, approved.text)
  return shown(approved)
}

function isProblem(t: Test, answer: Answer, code: string, faults?: readonly string[]): void {
  const problem = answer.json() as { code: string; errors?: { code: string; path?: string }[] }
  t.equal(problem.code, code, answer.text)
  if (faults === undefined) return
  const told = (problem.errors ?? []).map((fault) => `${fault.code} ${fault.path ?? ''}`.trim())
  t.strictSame(told.sort(), [...faults].sort())
}

const rename = (code: string, name: string, on = '2099-01-01') => ({ act: 'rename', code, name, on })
const establish = (code: string, name: string) => ({
  act: 'establish',
  code,
  name,
  tier: 'commune',
  parent: 'H90',
  on: '2099-01-01',
})

t.test('a directory draft is submitted by one and approved by another, and recorded whole', async (t) => {
  const draft = await enforce(t, {
    kind: 'directory',
    content: [establish('H90.51', 'Xã Năm Mốt'), rename('H90.51', 'Xã Năm Mươi Mốt', '2099-02-01')],
  })
  t.match(draft, { state: 'in-force', authors: ['an.admin'], approvers: ['binh.admin'] })
  const found = await call(an, 'GET', '/agencies/H90.51?on=2099-03-01')
  t.match(found.json(), { name: 'Xã Năm Mươi Mốt' }, found.text)
  const { rows } = await gateway.api.pool.query<{ kind: string; actor: string }>(
    `select kind, actor from audit_event where detail ->> 'draft' = $1 order by at, id`,
    [draft.id],
  )
  t.strictSame(
    rows.map(({ kind, actor }) => `${kind} ${actor}`),
    [
      'draft-created an.admin',
      'draft-submitted an.admin',
      'agency-changed an.admin',
      'draft-approved binh.admin',
      'draft-applied an.admin',
    ],
  )
})
