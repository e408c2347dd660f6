import t from 'tap'
import { axisClient } from '../../src/axis/client.ts'
import type { AgencyToRegister } from '../../src/axis/client-types.ts'
import { createAxisSystem, rotateAxisSecret } from '../../src/directory/axis-systems.ts'
import { knownAxisSystems } from '../../src/directory/axis-systems-known.ts'
import { approveDraft } from '../../src/directory/drafts/approve-draft.ts'
import type { DraftDependencies } from '../../src/directory/drafts/dependencies.ts'
import { getDraft, withdrawDraft } from '../../src/directory/drafts/move-draft.ts'
import type { AxisRight } from '../../src/domain/axis/axis-system.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { buildAxisApp } from '../../src/http/axis-door/app.ts'
import { secretBox } from '../../src/sealing/secret-box.ts'
import { testGateway } from '../support/gateway.ts'

const gateway = await testGateway(t)
const { pool, registry, usable } = gateway.api
const box = secretBox('một chuỗi ngẫu nhiên đủ dài để thử', 'axis-secrets')
const app = await buildAxisApp(gateway.api, {
  systems: { box, find: knownAxisSystems(pool, box) },
  tls: null,
  rateLimit: 10_000,
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
t.teardown(() => app.close())
const dependencies: DraftDependencies = { pool, registry, usable, allowHttp: false }
await pool.query(`insert into client (client_id, role, name)
  select id, 'admin', id from unnest(array['admin.one', 'admin.two']) as id`)

/** A system of province H90, and a client that speaks as it. */
async function systemOf(systemId: string, rights: readonly AxisRight[]) {
  const agency = agencyCode('H90')
  const { secret } = await createAxisSystem(
    pool,
    box,
    {
      systemId,
      name: systemId,
      agency,
      serves: [{ code: agency, withBeneath: true }],
      rights,
      networks: [],
      certificateSha256: null,
      clockToleranceSeconds: 60,
    },
    'cli:test',
  )
  const client = axisClient(
    {
      name: 'test',
      channel: 'national-axis',
      gateway: null,
      url,
      systemId,
      secret,
      addsTraceHeader: false,
      pollSeconds: 60,
      timeoutMs: 20_000,
      authorities: null,
      clientCertificate: null,
    },
    { maxPacketBytes: 1_000 },
  )
  t.teardown(() => client.close())
  return client
}

const agency = (given: Partial<AgencyToRegister>): AgencyToRegister => ({
  id: '',
  pcode: 'H90',
  code: 'H90.50',
  name: 'Trung tâm Mới',
  mail: 'moi@h90.vn',
  mobile: '',
  fax: '',
  ...given,
})

const draftsOf = async (author: string): Promise<string[]> => {
  const { rows } = await pool.query<{ id: string }>(
    `select id from draft where exists (select from draft_edit where draft_id = id and author = $1) order by id`,
    [author],
  )
  return rows.map(({ id }) => id)
}
const codeOf = async (answer: ReturnType<Awaited<ReturnType<typeof systemOf>>['deleteAgency']>) => {
  const outcome = await answer
  return outcome.ok ? 'ok' : outcome.failure.code
}
const openToday = async (code: string) =>
  (await registry.upToDate(pool)).directory.isOpen(agencyCode(code), vietnamDay(new Date()))

t.test('a wish becomes one draft, which somebody else approves', async (t) => {
  const client = await systemOf('dms.h90', ['register-agencies'])
  // The vendor's client asks again where an answer is lost, and may do so while the first is still under way.
  const answers = await Promise.all([1, 2, 3].map(() => client.registerAgency(agency({}))))
  t.ok(answers.every(({ ok }) => ok))
  const drafts = await draftsOf('dms.h90')
  t.equal(drafts.length, 1, 'one draft of three requests')
  t.notOk(await openToday('H90.50'), 'nothing is live')
  const draft = await getDraft(pool, drafts[0]!)
  t.match(draft, { state: 'submitted', authors: ['dms.h90'], title: /H90\.50/ })
  t.match(draft.content, [
    { act: 'establish', code: 'H90.50', name: 'Trung tâm Mới', parent: 'H90', tier: 'commune' },
    { act: 'set-contact', contact: { email: 'moi@h90.vn' } },
  ])
  await t.test('neither by the system nor by whoever has had its secret', async (t) => {
    await rotateAxisSecret(pool, box, 'dms.h90', new Date(Date.now() + 60_000), 'admin.one')
    for (const [clientId, reason] of [
      ['dms.h90', 'approver-no-administrator'],
      ['admin.one', 'approver-tied-to-author'],
    ] as const) {
      const refused = { code: 'approval-refused', faults: [{ code: reason }] }
      await t.rejects(approveDraft(dependencies, { clientId }, draft.id, draft), refused)
    }
  })
  await approveDraft(dependencies, { clientId: 'admin.two' }, draft.id, draft)
  t.ok(await openToday('H90.50'))
  t.equal(await codeOf(client.registerAgency(agency({}))), 'ok', 'the directory says so already')
  t.same(await draftsOf('dms.h90'), drafts)
})

t.test('another name or place of an agency that is known, and its end', async (t) => {
  const client = await systemOf('dms.changes', ['register-agencies'])
  const wishes = [
    () => client.registerAgency(agency({ code: 'H90.31', name: 'Xã Một Mới', mail: '' })),
    () => client.registerAgency(agency({ code: 'H90.31', name: 'Xã Một', pcode: 'H90.32', mail: '' })),
    () => client.registerAgency(agency({ code: 'H90.31', name: 'Xã Một', pcode: '', mail: '' })),
    () => client.deleteAgency('H90.32'),
    () => client.deleteAgency('H90.11'),
  ]
  for (const wish of wishes) t.equal(await codeOf(wish()), 'ok')
  const drafts = await Promise.all((await draftsOf('dms.changes')).map((id) => getDraft(pool, id)))
  t.match(
    drafts.map(({ content }) => content),
    [
      [{ act: 'rename', code: 'H90.31', name: 'Xã Một Mới' }],
      [{ act: 'move', code: 'H90.31', parent: 'H90.32' }],
      [{ act: 'close', code: 'H90.32', successor: null }],
    ],
    'what is so already, and who has closed, need no draft',
  )
  t.ok(drafts.every(({ state, content }) => state === 'submitted' && content.length === 1))
  await withdrawDraft(pool, { clientId: 'admin.one' }, drafts[2]!.id)
  t.equal(await codeOf(client.deleteAgency('H90.32')), 'ok')
  t.equal((await draftsOf('dms.changes')).length, 4, 'after a refusal it is a new wish')
})

t.test('what is refused leaves no draft', async (t) => {
  const client = await systemOf('dms.bounds', ['register-agencies'])
  const bare = await systemOf('dms.bare', [])
  t.equal(await codeOf(bare.registerAgency(agency({ code: 'H90.51' }))), '15', 'without the right')
  t.equal(await codeOf(bare.deleteAgency('H90.31')), '15')
  t.equal(await codeOf(bare.registerAgency(agency({ name: ' ' }))), '15', 'whatever the body says')
  t.equal(await codeOf(bare.registerAgency(agency({ name: 'x'.repeat(70_000) }))), '15', 'and however long')
  t.equal(await codeOf(bare.deleteAgency(' ')), '15', 'and whatever is missing')
  const refused: [string, string, () => ReturnType<typeof client.deleteAgency>][] = [
    ['beneath another province', '15', () => client.registerAgency(agency({ pcode: 'H91', code: 'H91.1' }))],
    ['another province itself', '15', () => client.deleteAgency('H91')],
    ['its own top', '15', () => client.deleteAgency('H90')],
    ['renamed top', '15', () => client.registerAgency(agency({ code: 'H90', pcode: '' }))],
    [
      'stolen from elsewhere',
      '15',
      () => client.registerAgency(agency({ code: 'G90', pcode: 'H90', name: 'Bộ' })),
    ],
    ['an unknown parent', '21', () => client.registerAgency(agency({ pcode: 'X1', code: 'H90.51' }))],
    ['no parent', '21', () => client.registerAgency(agency({ pcode: '', code: 'H90.51' }))],
    ['an unknown agency', '21', () => client.deleteAgency('H90.51')],
    ['no name', '10', () => client.registerAgency(agency({ name: ' ' }))],
    ['no such code', '10', () => client.registerAgency(agency({ code: 'mã sai' }))],
    ['a name of two lines', '10', () => client.registerAgency(agency({ name: 'a\nb' }))],
    ['beneath itself', '15', () => client.registerAgency(agency({ code: 'H90', pcode: 'H90.31' }))],
    ['a long body', '10', () => client.registerAgency(agency({ name: 'x'.repeat(70_000) }))],
  ]
  for (const [what, code, ask] of refused) t.equal(await codeOf(ask()), code, what)
  t.same(await draftsOf('dms.bounds'), [])
  t.same(await draftsOf('dms.bare'), [])
})
