import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { main } from '../../src/bin/main.ts'
import { createClient } from '../../src/directory/clients.ts'
import { createDraft } from '../../src/directory/drafts/write-draft.ts'
import { draftCalls, isProblem, type ShownDraft, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, serveApp, takeToken } from '../support/http-app.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// Every way that we know of to put a change in force alone. Each must be refused by name, and be found on record.

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const { pool } = gateway.api
const calls = draftCalls(served)
const tokenOf = async (clientId: string, role: 'admin' | 'auditor' | 'agency' = 'admin') =>
  takeToken(served, clientId, await addClient(served.context, clientId, role))
// An writes, Bình is the independent second person.
const [an, binh] = [await tokenOf('an.admin'), await tokenOf('binh.admin')]

const rules = () => [{ id: `r-${randomUUID()}`, channel: 'mailbox', tier: 'commune' } as const]
const waiting = (t: Test, token = an) => calls.submitted(t, token, { kind: 'routing', content: rules() })

/** Makes an administrator's client as another one, over the API. */
async function madeBy(maker: string, clientId: string): Promise<string> {
  const answer = await calls.call(maker, 'POST', '/clients', {
    body: { clientId, role: 'admin', name: clientId },
  })
  return takeToken(served, clientId, String(answer.json().secret))
}

/** What a command says is not for the report of this test. */
async function silently<T>(work: () => Promise<T>): Promise<T> {
  const { log, error } = console
  Object.assign(console, { log: () => {}, error: () => {} })
  try {
    return await work()
  } finally {
    Object.assign(console, { log, error })
  }
}

interface Recorded {
  kind: string
  actor: string
  detail: { reason?: string; problem?: string; draft?: string; route?: string }
}

/** The refusal is on record by who tried and why. */
async function isOnRecord(t: Test, actor: string, draft: ShownDraft | null, reason: string): Promise<void> {
  const { rows } = await pool.query<Recorded>(
    `select kind, actor, detail from audit_event
      where actor = $1 and kind in ('approval-refused', 'admin-refused', 'access-refused', 'draft-refused')
      order by at desc, id desc limit 5`,
    [actor],
  )
  const found = rows.find(
    ({ detail }) => (detail.reason === reason && detail.draft === draft?.id) || detail.problem === reason,
  )
  t.ok(found, `${actor} ${reason}: ${JSON.stringify(rows)}`)
}

async function isRefused(
  t: Test,
  token: string,
  actor: string,
  draft: ShownDraft,
  reason: string,
): Promise<void> {
  isProblem(t, await calls.approve(token, draft), 'approval-refused', [reason])
  await isOnRecord(t, actor, draft, reason)
  await isNotInForce(t, draft)
}

async function isNotInForce(t: Test, draft: ShownDraft): Promise<void> {
  const now = shownDraft(await calls.get(binh, draft))
  t.notOk(['in-force', 'scheduled'].includes(now.state), now.state)
  const { rows } = await pool.query('select id from routing_revision where draft_id = $1', [draft.id])
  t.strictSame(rows, [])
}

t.test('the way as it is meant to be works', async (t) => {
  const answer = await calls.approve(binh, await waiting(t))
  t.equal(answer.status, 200, answer.text)
})

t.test('1: the author approves', async (t) => {
  await isRefused(t, an, 'an.admin', await waiting(t), 'approver-is-author')
})

t.test('2: the approver edits a little first, then approves', async (t) => {
  const edited = shownDraft(await calls.edit(binh, await waiting(t), { content: rules() }))
  const again = shownDraft(await calls.step(an, 'submit', edited))
  await isRefused(t, binh, 'binh.admin', again, 'approver-is-author')
})

t.test('3: somebody rebases it, and so makes its content, then approves', async (t) => {
  const draft = await waiting(t)
  await calls.enforce(t, an, binh, { kind: 'routing', content: rules() })
  const rebased = (await calls.step(binh, 'rebase', draft)).json() as { draft: ShownDraft }
  const again = shownDraft(await calls.step(an, 'submit', rebased.draft))
  await isRefused(t, binh, 'binh.admin', again, 'approver-is-author')
})

t.test('4: one reverts by the command of its own, then approves', async (t) => {
  await calls.enforce(t, an, binh, { kind: 'routing', content: rules() })
  const reverted = await calls.call(an, 'POST', '/routing-table/revisions/1/revert')
  t.equal(reverted.status, 201, reverted.text)
  await isRefused(t, an, 'an.admin', shownDraft(reverted), 'approver-is-author')
})

t.test('5: approval before submission', async (t) => {
  const draft = shownDraft(await calls.create(an, { kind: 'routing', content: rules() }))
  await isRefused(t, binh, 'binh.admin', draft, 'draft-not-submitted')
})

t.test('6: a later version slipped in under an approval of the earlier one', async (t) => {
  const seen = await waiting(t)
  const edited = shownDraft(await calls.edit(an, seen, { content: rules() }))
  await calls.step(an, 'submit', edited)
  await isRefused(t, binh, 'binh.admin', seen, 'version-not-seen')
})

t.test('7: the right version with the digest of something else', async (t) => {
  const draft = await waiting(t)
  const other = createHash('sha256').update('something else').digest('hex')
  await isRefused(t, binh, 'binh.admin', { ...draft, contentSha256: other }, 'version-not-seen')
})

t.test('8: the author makes a client for itself, and approves with that', async (t) => {
  const puppet = await madeBy(an, 'an.puppet')
  await isRefused(t, puppet, 'an.puppet', await waiting(t), 'approver-tied-to-author')
})

t.test('9: a puppet of a puppet', async (t) => {
  const puppet = await madeBy(await madeBy(an, 'an.second'), 'an.third')
  await isRefused(t, puppet, 'an.third', await waiting(t), 'approver-tied-to-author')
})

t.test('10: somebody writes as a client that he made, and approves as himself', async (t) => {
  const puppet = await madeBy(binh, 'binh.puppet')
  await isRefused(t, binh, 'binh.admin', await waiting(t, puppet), 'approver-tied-to-author')
})

t.test('11: two clients of one maker, one writes and the other approves', async (t) => {
  const chi = await tokenOf('chi.admin')
  const [one, other] = [await madeBy(chi, 'chi.one'), await madeBy(chi, 'chi.other')]
  await isRefused(t, other, 'chi.other', await waiting(t, one), 'approver-tied-to-author')
})

t.test('12: the author gives an independent administrator another secret, and uses it', async (t) => {
  await tokenOf('dung.admin')
  const rotated = await calls.call(an, 'POST', '/clients/dung.admin/secret', { body: { graceSeconds: 0 } })
  const stolen = await takeToken(served, 'dung.admin', String(rotated.json().secret))
  await isRefused(t, stolen, 'dung.admin', await waiting(t), 'approver-tied-to-author')
})

t.test('13: the author gives it keys, or binds it to a certificate', async (t) => {
  const giang = await tokenOf('giang.admin')
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const keyed = await calls.call(an, 'PUT', '/clients/giang.admin/keys', { body: { jwks: { keys: [jwk] } } })
  t.equal(keyed.status, 200, keyed.text)
  await isRefused(t, giang, 'giang.admin', await waiting(t), 'approver-tied-to-author')

  const hai = await tokenOf('hai.admin')
  const certificateSha256 = createHash('sha256').update('of the author').digest('hex')
  await calls.call(an, 'PUT', '/clients/hai.admin/certificate', { body: { certificateSha256 } })
  await calls.call(an, 'PUT', '/clients/hai.admin/certificate', { body: { certificateSha256: null } })
  await isRefused(t, hai, 'hai.admin', await waiting(t), 'approver-tied-to-author')
})

t.test('14: an approver set up on the command line for a draft that waits', async (t) => {
  const draft = await waiting(t)
  const { secret } = await createClient(
    pool,
    { clientId: 'quick.admin', role: 'admin', agency: null, name: 'quick' },
    'cli:root',
  )
  const quick = await takeToken(served, 'quick.admin', secret ?? '')
  await isRefused(t, quick, 'quick.admin', draft, 'approver-set-up-since')
})

t.test('15: a client of another role, and one that is revoked', async (t) => {
  const draft = await waiting(t)
  isProblem(t, await calls.approve(await tokenOf('an.auditor', 'auditor'), draft), 'scope-insufficient')
  await isOnRecord(t, 'an.auditor', null, 'scope-insufficient')
  const gone = await tokenOf('gone.admin')
  await calls.call(binh, 'POST', '/clients/gone.admin/revoke')
  const answer = await calls.approve(gone, draft)
  t.match(answer.json(), { code: /^(token-invalid|approval-refused)$/ }, answer.text)
  await isOnRecord(
    t,
    'gone.admin',
    draft,
    answer.json().code === 'token-invalid' ? 'token-invalid' : 'approver-no-administrator',
  )
  await isNotInForce(t, draft)
})

t.test('16: the old operations that changed things at once', async (t) => {
  const revision = { version: 1 }
  for (const [method, path, body] of [
    ['PUT', '/routing-table', { rules: rules() }],
    ['POST', '/agencies', { code: 'H90.77' }],
    ['PUT', '/agencies/H90', { name: 'Tỉnh khác' }],
    ['POST', '/agencies/H90/close', { validTo: '2026-01-01', successor: null }],
    ['PUT', '/agencies/H90/endpoint', { channel: 'https-push', url: 'https://elsewhere.example' }],
    ['DELETE', '/agencies/H90/endpoint', undefined],
  ] as const) {
    const answer = await calls.call(an, method, path, { ...revision, ...(body && { body }) })
    isProblem(t, answer, 'draft-needed')
    t.equal(answer.status, 405)
  }
  await isOnRecord(t, 'an.admin', null, 'draft-needed')
})

t.test('17: a time of effect that has passed, and fields that name approvers', async (t) => {
  const past = { kind: 'routing', content: rules(), effectiveAt: '2020-01-01T00:00:00Z' }
  isProblem(t, await calls.create(an, past), 'request-invalid', ['effective-at-past #/body/effectiveAt'])
  await isOnRecord(t, 'an.admin', null, 'request-invalid')
  for (const field of ['approvers', 'state', 'authors', 'approvedBy', 'version', 'revision'])
    isProblem(
      t,
      await calls.create(an, { kind: 'routing', content: rules(), [field]: ['binh.admin'] }),
      'request-invalid',
      [`schema-additionalproperties #/body/${field}`],
    )
})

t.test('18: an edit and an approval at the same time', async (t) => {
  for (let round = 0; round < 8; round += 1) {
    const seen = await waiting(t)
    const mine = rules()
    const [edited, approved] = await Promise.all([
      calls.edit(an, seen, { content: mine }),
      calls.approve(binh, seen),
    ])
    t.not(edited.status === 200, approved.status === 200, 'one of them comes first, the other is refused')
    if (approved.status === 200) {
      isProblem(t, edited, 'delivery-state-conflict')
      t.strictSame(shownDraft(await calls.get(an, seen)).content, seen.content, 'what was seen is in force')
    } else {
      isProblem(t, approved, 'approval-refused')
      await isNotInForce(t, seen)
    }
  }
})

t.test('19: the same approval twice makes no two', async (t) => {
  const draft = await waiting(t)
  const answers = await Promise.all([calls.approve(binh, draft), calls.approve(binh, draft)])
  t.strictSame(answers.map(({ status }) => status).sort(), [200, 403])
  await isOnRecord(t, 'binh.admin', draft, 'draft-not-submitted')
  const { rows } = await pool.query('select id from routing_revision where draft_id = $1', [draft.id])
  t.equal(rows.length, 1)
})

t.test('20: the command line writes and submits, and cannot approve', async (t) => {
  const draft = await waiting(t)
  for (const word of ['approve', 'apply', 'enforce']) {
    t.not(await silently(() => main(['draft', word, draft.id])), 0, word)
  }
  await isNotInForce(t, draft)
})

t.test(
  "21: one person with a shell and an administrator's secret writes there and approves over HTTP",
  async (t) => {
    Object.assign(process.env, gateway.variables)
    const secret = await addClient(served.context, 'khanh.admin', 'admin')
    const khanh = await takeToken(served, 'khanh.admin', secret)
    const folder = await temporaryFolder(t)
    const path = join(folder, 'rules.json')
    await writeFile(path, JSON.stringify(rules()))
    const create = (...as: string[]) =>
      silently(() => main(['draft', 'create', path, '--kind', 'routing', '--title', 'x', ...as]))
    const drafts = async () => (await pool.query<{ id: string }>('select id from draft order by id')).rows
    const before = await drafts()

    process.env.TRAM_CLIENT_SECRET = secret
    t.equal(await create(), 2, 'without a name')
    for (const other of ['an.admin', 'cli:root', 'nobody']) {
      t.equal(await create('--as', other), 1, `in the name of ${other}`)
      await isOnRecord(t, `cli:${userInfo().username}`, null, 'client-invalid')
    }
    t.strictSame(await drafts(), before, 'nothing was written')

    t.equal(await create('--as', 'khanh.admin'), 0)
    const { id } = (await drafts()).at(-1)!
    t.equal(await silently(() => main(['draft', 'submit', id, '--as', 'khanh.admin'])), 0)
    const own = shownDraft(await calls.call(khanh, 'GET', `/drafts/${id}`))
    t.match(own, { state: 'submitted', authors: ['khanh.admin'] })
    await isRefused(t, khanh, 'khanh.admin', own, 'approver-is-author')

    // As a command line of an earlier release wrote it.
    const unproven = await createDraft(
      { pool },
      { clientId: 'cli:root' },
      { kind: 'routing', title: 'x', content: rules() },
    )
    const submitted = shownDraft(
      await calls.call(binh, 'POST', `/drafts/${unproven.id}/submit`, { version: unproven.version }),
    )
    await isRefused(t, khanh, 'khanh.admin', submitted, 'author-unproven')
    await t.rejects(
      pool.query(
        `insert into draft_approval (draft_id, version, approver, content_sha256) values ($1, 1, 'khanh.admin', $2)`,
        [unproven.id, submitted.contentSha256],
      ),
      { code: '23514', constraint: 'draft_four_eyes' },
      'nor with the rights of the gateway itself',
    )
  },
)

t.test('22: SQL with the rights of the gateway itself', async (t) => {
  const client = new pg.Client({ connectionString: gateway.api.config.databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  const draft = await waiting(t)
  const fourEyes = { code: '23514', constraint: 'draft_four_eyes' }
  const wanted = JSON.stringify(draft.content)
  const insert = `insert into routing_revision (rules, author, approved_by, draft_id) values ($1, 'x', 'y', $2)`
  await t.rejects(client.query(insert, [wanted, null]), fourEyes, 'without a draft')
  await t.rejects(client.query(insert, [wanted, draft.id]), fourEyes, 'of a draft that nobody approved')
  const approval = `insert into draft_approval (draft_id, version, approver, content_sha256) values ($1, $2, $3, $4)`
  const { id, version, contentSha256 } = draft
  await t.rejects(client.query(approval, [id, version, 'an.admin', contentSha256]), fourEyes, 'by its author')
  await t.rejects(client.query(approval, [id, version, 'dms-H90', contentSha256]), fourEyes, 'by no admin')
  await t.rejects(client.query(approval, [id, version, 'binh.admin', '0'.repeat(64)]), fourEyes, 'of another')
  const onRecord = { code: '23001' }
  for (const attempt of [
    `update draft_edit set author = 'somebody.else'`,
    `delete from draft_edit`,
    `update draft_approval set approver = 'binh.admin'`,
    `delete from client_credential_author`,
    `update routing_revision set rules = '[]'`,
    'truncate draft_edit cascade',
  ])
    await t.rejects(client.query(attempt), onRecord, attempt)
  await t.rejects(
    client.query(`update draft set state = 'applied', revision = 1 where state = 'open'`),
    { code: '23514', constraint: 'draft_way' },
    'past its submission',
  )
  const facts = `insert into directory_revision (number, author, reason, draft_id) values (999, 'x', 'y', $1)`
  await t.rejects(client.query(facts, [draft.id]), fourEyes, 'the directory by a draft of the routing table')
  const revision = `insert into directory_revision (number, author, reason)
    select max(number) + 1, 'dms-H90', 'x' from directory_revision`
  const say = (subject: string, kind: string, value: string) =>
    `insert into directory_fact (subject, kind, value, valid_from, asserted_in)
      select '${subject}', '${kind}', '${value}', '2026-01-01', max(number) from directory_revision`
  const mailbox = '{"channel":"mailbox","url":null,"reaches":"itself"}'
  for (const [fact, what] of [
    [say('H90', 'name', '{"name":"x"}'), 'of itself, past its endpoint'],
    [say('H91', 'endpoint', mailbox), 'the endpoint of another'],
    [
      `update directory_fact set retracted_in = (select max(number) from directory_revision)`,
      'all is taken back',
    ],
    [`update directory_fact set value = '{"name":"x"}' where kind = 'name'`, 'another name in the same fact'],
  ] as const) {
    await client.query('begin')
    await client.query(revision)
    await t.rejects(client.query(fact), fourEyes, `an agency alone says ${what}`)
    await client.query('rollback')
  }
  await t.rejects(client.query(say('H90', 'endpoint', mailbox)), fourEyes, 'in a revision that is on record')
  for (const attempt of ['delete from directory_fact', `update directory_revision set author = 'x'`])
    await t.rejects(client.query(attempt), onRecord, attempt)
  await isNotInForce(t, draft)
  // What was approved is applied word for word, or not at all.
  await client.query('begin')
  await client.query(approval, [id, version, 'binh.admin', contentSha256])
  const other = JSON.stringify([{ id: 'other', channel: 'mailbox' }])
  await t.rejects(client.query(insert, [other, draft.id]), fourEyes, 'other rules under an approval')
  await client.query('rollback')
})
