import t, { type Test } from 'tap'
import { knownAxisSystems } from '../../src/directory/axis-systems-known.ts'
import { createDraft } from '../../src/directory/drafts/write-draft.ts'
import { DEFAULT_CLOCK_TOLERANCE_SECONDS } from '../../src/domain/axis/axis-system.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { secretBox } from '../../src/sealing/secret-box.ts'
import { draftCalls, isProblem, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, askToken, serveApp, takeToken } from '../support/http-app.ts'

const SECRET = 'một chuỗi ngẫu nhiên đủ dài để thử'
const gateway = await testGateway(t)
const { pool } = gateway.api
const box = secretBox(SECRET, 'axis-secrets')
/** A minute of its own: what is believed for a second is forgotten when the test says so. */
let elapsedMs = 0
const find = knownAxisSystems(pool, box, { monotonicNow: () => elapsedMs })
const findAnew = (systemId: string) => {
  elapsedMs += 1_001
  return find(systemId)
}
const served = await serveApp(t, gateway, { context: { axisSystems: { box, find } } })
const { call, submitted, approve } = draftCalls(served)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const [an, binh] = [await tokenOf('an.admin'), await tokenOf('binh.admin')]

interface Shown {
  readonly systemId: string
  readonly serves: readonly { code: string; withBeneath: boolean }[]
  readonly rights: readonly string[]
  readonly networks: readonly string[]
  readonly proposal: { readonly sha256: string; readonly proposedBy: string } | null
  readonly secrets: readonly { readonly expiresAt: string | null }[]
  readonly revokedAt: string | null
}
const shown = (answer: Answer): Shown => {
  if (answer.status >= 300) throw new Error(answer.text)
  return answer.json() as Record<string, unknown> & Shown
}
const PATH = '/axis-systems'
const create = (token: string, body: object) => call(token, 'POST', PATH, { body: { name: 'QLVB', ...body } })
const change = (token: string, systemId: string, body: object) =>
  served.ask(`/admin/v1${PATH}/${systemId}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const confirm = (token: string, systemId: string, sha256: string) =>
  call(token, 'POST', `${PATH}/${systemId}/confirm`, { body: { sha256 } })
const rotate = (token: string, systemId: string, graceSeconds: number) =>
  call(token, 'POST', `${PATH}/${systemId}/secret`, { body: { graceSeconds } })
const secretOf = (answer: Answer): string => {
  const { secret } = answer.json()
  if (typeof secret !== 'string') throw new Error(answer.text)
  return secret
}
const events = async (systemId: string) =>
  (
    await pool.query<{ actor: string; change: string }>(
      `select actor, detail ->> 'change' as change from audit_event
        where kind = 'axis-system-changed' and detail ->> 'systemId' = $1 order by at, id`,
      [systemId],
    )
  ).rows.map(({ actor, change }) => `${actor} ${change}`)

t.test('a system is created, shown and found, with a secret that is shown this once', async (t) => {
  const certificateSha256 = 'ab'.repeat(32)
  const answer = await create(an, {
    systemId: 'dms.h90',
    agency: 'H90',
    networks: ['10.20.30.40/16', '2001:db8::/32', '10.20.0.0/16'],
    certificateSha256,
  })
  t.equal(answer.status, 201, answer.text)
  t.equal(answer.headers['cache-control'], 'no-store')
  const secret = secretOf(answer)
  t.match(secret, /^[A-Za-z0-9_-]{43}$/)
  const expected = {
    systemId: 'dms.h90',
    name: 'QLVB',
    agency: 'H90',
    serves: [{ code: 'H90', withBeneath: false }],
    rights: [],
    certificateSha256,
    clockToleranceSeconds: DEFAULT_CLOCK_TOLERANCE_SECONDS,
    proposal: null,
    revokedAt: null,
  }
  const got = await call(an, 'GET', `${PATH}/dms.h90`)
  isExactly(t, got.json(), expected)
  t.match(got.json(), { secrets: [{ expiresAt: null }] })
  t.strictSame([...shown(got).networks].sort(), ['10.20.0.0/16', '2001:db8::/32'], 'as networks, each once')
  t.notMatch(got.text, secret)
  const found = await find('dms.h90')
  isExactly(t, found?.system, expected)
  t.strictSame(found?.secrets, [secret])
  t.strictSame(found?.caller, { clientId: 'dms.h90', role: 'agency', agency: 'H90' })
  t.strictSame(await events('dms.h90'), ['an.admin created'])
  t.match((await call(an, 'GET', PATH)).json(), { items: [expected], nextCursor: null })
  t.equal((await askToken(served, 'dms.h90', secret)).status, 401, 'it is no secret of the API')
  for (const nobody of ['dms.h99', "dms' or true", '', 'x'.repeat(5_000)])
    t.equal(await find(nobody), undefined, nobody.slice(0, 20))
})

t.test('everything that is wrong is told at once', async (t) => {
  const answer = await create(an, {
    systemId: 'dms.wrong',
    agency: 'H90',
    serves: [{ code: 'H91' }, { code: 'H91', withBeneath: true }, { code: 'H77' }],
    networks: ['10.0.0.0/8', '10.0.0.0/33', 'truc.example.vn'],
  })
  isProblem(t, answer, 'request-invalid', [
    'served-repeated #/serves',
    'own-agency-not-served #/serves',
    'network-malformed #/networks/1',
    'network-malformed #/networks/2',
    'agency-unknown #/serves/2/code',
  ])
  isProblem(t, await create(an, { systemId: 'dms.h90', agency: 'H90' }), 'already-exists')
  isProblem(t, await create(an, { systemId: 'an.admin', agency: 'H90' }), 'already-exists')
  isProblem(t, await create(an, { systemId: 'dms.none', agency: 'H77' }), 'request-invalid')
  isProblem(
    t,
    await create(an, { systemId: 'dms.right', agency: 'H90', rights: ['admin'] }),
    'request-invalid',
  )
  isProblem(t, await rotate(an, 'dms.none', 0), 'not-found')
  const { rowCount } = await pool.query(
    `select from client where client_id in ('dms.wrong', 'dms.none', 'dms.right')`,
  )
  t.equal(rowCount, 0, 'nothing is left of what was refused')
})

t.test(
  'an earlier secret works until the time that was given, and ends at once where none was',
  async (t) => {
    const first = secretOf(await create(an, { systemId: 'dms.rotating', agency: 'H90' }))
    const second = secretOf(await rotate(an, 'dms.rotating', 3_600))
    t.strictSame((await findAnew('dms.rotating'))?.secrets, [second, first], 'the newest is tried first')
    await pool.query(
      `update axis_secret set expires_at = clock_timestamp() - interval '1 second'
      where system_id = 'dms.rotating' and expires_at is not null`,
    )
    t.strictSame((await findAnew('dms.rotating'))?.secrets, [second], 'its time is over')
    const third = secretOf(await rotate(an, 'dms.rotating', 0))
    t.strictSame((await findAnew('dms.rotating'))?.secrets, [third])
    for (let count = 0; count < 3; count++) t.equal((await rotate(an, 'dms.rotating', 3_600)).status, 200)
    t.equal((await findAnew('dms.rotating'))?.secrets.length, 4)
    isProblem(t, await rotate(an, 'dms.rotating', 3_600), 'delivery-state-conflict')
    t.equal((await findAnew('dms.rotating'))?.secrets.length, 4, 'what was refused has ended none')
    const last = secretOf(await rotate(an, 'dms.rotating', 0))
    t.strictSame((await findAnew('dms.rotating'))?.secrets, [last])
  },
)

t.test('a revoked system is refused within two seconds, and has no secret left', async (t) => {
  for (const [systemId, path] of [
    ['dms.revoked', `${PATH}/dms.revoked/revoke`],
    ['dms.revoked.as-client', '/clients/dms.revoked.as-client/revoke'],
  ] as const) {
    await create(an, { systemId, agency: 'H90' })
    t.ok(await find(systemId))
    t.equal((await call(an, 'POST', path)).status, 200)
    elapsedMs += 1_999
    t.equal(await find(systemId), undefined)
    isProblem(t, await rotate(an, systemId, 0), 'delivery-state-conflict')
    isProblem(t, await change(an, systemId, { networks: [] }), 'delivery-state-conflict')
    isProblem(t, await call(an, 'POST', `${PATH}/${systemId}/revoke`), 'delivery-state-conflict')
    t.match((await call(an, 'GET', `${PATH}/${systemId}`)).json(), { revokedAt: /^2/ })
  }
  t.strictSame(shown(await call(an, 'GET', `${PATH}/dms.revoked`)).secrets, [])
})

t.test('what cannot be read now is asked for again', async (t) => {
  await create(an, { systemId: 'dms.failing', agency: 'H90' })
  let isAway = true
  const flaky = new Proxy(pool, {
    get(target, name) {
      if (name === 'query' && isAway) return () => Promise.reject(new Error('canary: away'))
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const findThere = knownAxisSystems(flaky, box, { monotonicNow: () => 0 })
  await t.rejects(findThere('dms.failing'), /canary/)
  isAway = false
  t.equal((await findThere('dms.failing'))?.system.systemId, 'dms.failing')
})

t.test('rights and whole branches give nothing before a second administrator confirms them', async (t) => {
  const wish = {
    serves: [
      { code: 'H90', withBeneath: true },
      { code: 'H91', withBeneath: false },
    ],
    rights: ['register-agencies', 'gateway'],
  }
  const answer = await create(an, { systemId: 'gateway.h90', agency: 'H90', ...wish })
  t.equal(answer.status, 201, answer.text)
  const inForce = {
    serves: [
      { code: 'H90', withBeneath: false },
      { code: 'H91', withBeneath: false },
    ],
    rights: [],
  }
  const { proposal } = shown(await call(binh, 'GET', `${PATH}/gateway.h90`))
  isExactly(t, (await findAnew('gateway.h90'))?.system, inForce)
  isExactly(t, proposal, { ...wish, proposedBy: 'an.admin' })
  const sha256 = proposal?.sha256 ?? ''
  isProblem(t, await confirm(an, 'gateway.h90', sha256), 'approval-refused', ['approver-is-author'])
  isProblem(t, await confirm(binh, 'gateway.h90', '0'.repeat(64)), 'approval-refused', ['version-not-seen'])
  isExactly(t, (await findAnew('gateway.h90'))?.system, inForce, 'nothing of what was refused is in force')
  const confirmed = shown(await confirm(binh, 'gateway.h90', sha256))
  const whole = {
    rights: wish.rights,
    serves: [
      { code: 'H90', withBeneath: true },
      { code: 'H91', withBeneath: false },
    ],
  }
  isExactly(t, confirmed, { ...whole, proposal: null })
  isExactly(t, (await findAnew('gateway.h90'))?.system, whole)
  t.strictSame(await events('gateway.h90'), ['an.admin created', 'binh.admin proposal-confirmed'])
  isProblem(t, await confirm(binh, 'gateway.h90', sha256), 'delivery-state-conflict')

  t.test('what is taken away is gone at once', async (t) => {
    const less = shown(await change(an, 'gateway.h90', { rights: ['gateway'] }))
    isExactly(t, less, { serves: whole.serves, rights: ['gateway'], proposal: null })
    const wider = { serves: [...whole.serves.slice(0, 1), { code: 'H91', withBeneath: true }] }
    isExactly(t, shown(await change(an, 'gateway.h90', wider)), {
      ...whole,
      rights: ['gateway'],
      proposal: { proposedBy: 'an.admin', ...wider },
    })
    isExactly(
      t,
      shown(await change(an, 'gateway.h90', { clockToleranceSeconds: 60 })),
      { clockToleranceSeconds: 60, proposal: { proposedBy: 'an.admin' } },
      'what is proposed waits while something else is changed',
    )
    isExactly(
      t,
      shown(await change(an, 'gateway.h90', { serves: whole.serves })),
      { ...whole, rights: ['gateway'], proposal: null },
      'and is taken back by who says what is in force',
    )
  })

  t.test('networks and certificate of a powerful system take two as well', async (t) => {
    const bound = { networks: ['10.0.0.0/8'], certificateSha256: 'cd'.repeat(32) }
    const proposed = shown(await change(an, 'gateway.h90', { ...bound, networks: ['10.1.2.3/8'] }))
    isExactly(t, proposed, { networks: [], certificateSha256: null, proposal: bound })
    const after = shown(await confirm(binh, 'gateway.h90', proposed.proposal?.sha256 ?? ''))
    isExactly(t, after, { ...bound, serves: whole.serves, rights: ['gateway'], proposal: null })
    isExactly(t, (await findAnew('gateway.h90'))?.system, bound)
    const opened = shown(await change(binh, 'gateway.h90', { networks: [], certificateSha256: null }))
    isExactly(t, opened, bound, 'neither is taken off by one alone')
    const path = '/clients/gateway.h90/certificate'
    const around = await call(binh, 'PUT', path, { body: { certificateSha256: null } })
    isProblem(t, around, 'delivery-state-conflict')
    isExactly(t, (await findAnew('gateway.h90'))?.system, bound)
    const modest = { serves: [{ code: 'H90' }], rights: [], networks: [], certificateSha256: null }
    isExactly(t, shown(await change(an, 'gateway.h90', modest)), {
      serves: [{ code: 'H90', withBeneath: false }],
      ...{ networks: [], certificateSha256: null, proposal: null },
    })
  })
})

t.test('whoever is tied to the proposer by credentials confirms nothing', async (t) => {
  const made = await call(an, 'POST', '/clients', {
    body: { clientId: 'puppet.admin', role: 'admin', name: 'Bù nhìn' },
  })
  const puppet = await takeToken(served, 'puppet.admin', secretOf(made))
  await create(an, { systemId: 'dms.wide', agency: 'H90', rights: ['gateway'] })
  const sha256 = shown(await call(an, 'GET', `${PATH}/dms.wide`)).proposal?.sha256 ?? ''
  isProblem(t, await confirm(puppet, 'dms.wide', sha256), 'approval-refused', ['approver-tied-to-author'])
  const late = await tokenOf('late.admin')
  isProblem(t, await confirm(late, 'dms.wide', sha256), 'approval-refused', ['approver-set-up-since'])
  t.equal((await confirm(binh, 'dms.wide', sha256)).status, 200)
})

t.test('whoever has set the credentials of a system does not approve what it drafts', async (t) => {
  const third = await tokenOf('chi.admin')
  const draftBy = async (clientId: string, name: string) => {
    const content = [{ act: 'rename', code: agencyCode('H91'), name, on: '2099-01-01' } as const]
    const { id } = await createDraft({ pool }, { clientId }, { kind: 'directory', title: 'Thử', content })
    const draft = shownDraft(await call(an, 'GET', `/drafts/${id}`))
    const answer = await call(an, 'POST', `/drafts/${id}/submit`, { version: draft.version })
    t.equal(answer.status, 200, answer.text)
    return shownDraft(answer)
  }
  await create(an, { systemId: 'dms.drafting', agency: 'H90' })
  await rotate(binh, 'dms.drafting', 0)
  const draft = await draftBy('dms.drafting', 'Thành phố Một')
  for (const keeper of [an, binh])
    isProblem(t, await approve(keeper, draft), 'approval-refused', ['approver-tied-to-author'])
  const approved = await approve(third, draft)
  t.equal(approved.status, 200, approved.text)

  t.test('yet two who look after one system stay independent of each other', async (t: Test) => {
    const content = [{ act: 'rename', code: 'H91', name: 'Thành phố Hai', on: '2099-02-01' }]
    const own = await submitted(t, an, { kind: 'directory', content })
    t.equal((await approve(binh, own)).status, 200)
  })
})

t.test('the database alone reveals no secret', async (t) => {
  const secrets = [
    secretOf(await create(an, { systemId: 'dms.secret', agency: 'H90' })),
    secretOf(await rotate(an, 'dms.secret', 3_600)),
  ]
  t.strictSame(new Set((await find('dms.secret'))?.secrets), new Set(secrets))
  const dump = await everyRow()
  t.match(dump, /dms\.secret/, 'the dump is whole')
  for (const secret of secrets)
    for (const spelling of spellings(secret)) t.notOk(dump.includes(spelling), 'in no spelling')
  const { rows } = await pool.query<{ id: string; sealed: Buffer }>(
    `select id, sealed from axis_secret where system_id = 'dms.secret'`,
  )
  t.equal(rows.length, 2)
  t.equal(new Set(rows.map(({ sealed }) => sealed.toString('hex'))).size, 2)

  t.test('and opens under its own secret alone, for its own system, in its own row', async (t) => {
    const told: string[] = []
    const other = knownAxisSystems(pool, secretBox(`${SECRET} khác`, 'axis-secrets'), {
      onUnopened: (systemId) => told.push(systemId),
    })
    t.strictSame((await other('dms.secret'))?.secrets, [], 'it is there, and nothing can prove to be it')
    t.strictSame(told, ['dms.secret', 'dms.secret'])
    await create(an, { systemId: 'dms.thief', agency: 'H90' })
    const { rows: own } = await pool.query<{ id: string }>(
      `delete from axis_secret where system_id = 'dms.thief' returning id`,
    )
    t.equal(own.length, 1)
    const [first, second] = rows.map(({ id }) => id)
    await pool.query(`update axis_secret set system_id = 'dms.thief' where id = $1`, [first])
    t.strictSame((await findAnew('dms.thief'))?.secrets, [], 'a secret that was given to another')
    await pool.query('update axis_secret set sealed = $2 where id = $1', [second, rows[0]?.sealed])
    t.strictSame((await findAnew('dms.secret'))?.secrets, [], 'a row that was overwritten')
  })

  t.test('also where no secret of the gateway is set', async (t) => {
    const bare = await serveApp(t, gateway, { context: { axisSystems: null } })
    const token = await takeToken(bare, 'bare.admin', await addClient(bare.context, 'bare.admin', 'admin'))
    const calls = draftCalls(bare)
    const made = await calls.call(token, 'POST', PATH, {
      body: { systemId: 'dms.bare', name: 'x', agency: 'H90' },
    })
    isProblem(t, made, 'delivery-state-conflict')
    t.equal((await calls.call(token, 'GET', `${PATH}/dms.secret`)).status, 200)
    t.equal((await calls.call(token, 'POST', `${PATH}/dms.secret/revoke`)).status, 200, 'revoking needs none')
  })
})

/** Has these very values: a pattern would let lists be longer. */
function isExactly(t: Test, found: object | null | undefined, expected: object, message?: string): void {
  const values = new Map<string, unknown>(Object.entries(found ?? {}))
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'proposal' && value !== null) isExactly(t, Object(values.get(name)), value, message)
    else t.strictSame(values.get(name), value, message ?? name)
  }
}

/** Every row of every table, as text. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select each::text as row from ${name} as each`)
    texts.push(...rows.map(({ row }) => row))
  }
  return texts.join('\n')
}

function spellings(secret: string): string[] {
  const text = Buffer.from(secret)
  const bytes = Buffer.from(secret, 'base64url')
  return [
    secret,
    ...[text, bytes].flatMap((one) => [one.toString('hex'), one.toString('base64').replace(/=+$/, '')]),
  ]
}
