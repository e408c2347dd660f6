import t from 'tap'
import { databaseNow } from '../../src/db/now.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { draftCalls, isProblem, type ShownDraft, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const { pool } = gateway.api
const { call, create, edit, step, move, approve, get, submitted, enforce } = draftCalls(served)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const [an, binh] = [await tokenOf('an.admin'), await tokenOf('binh.admin')]
const today = vietnamDay(await databaseNow(pool))

const rename = (code: string, name: string, on = '2099-01-01') => ({ act: 'rename', code, name, on })
const establish = (code: string, name: string) => ({
  act: 'establish',
  code,
  name,
  tier: 'commune',
  parent: 'H90',
  on: '2099-01-01',
})
const directory = (...content: object[]) => ({ kind: 'directory', content })
const routing = (...content: object[]) => ({ kind: 'routing', content })
const toCommunes = { id: 'communes', channel: 'mailbox', tier: 'commune' }

t.test('a directory draft is submitted by one and approved by another, and recorded whole', async (t) => {
  const acts = [establish('H90.51', 'Xã Năm Mốt'), rename('H90.51', 'Xã Năm Mươi Mốt', '2099-02-01')]
  const draft = await enforce(t, an, binh, directory(...acts))
  t.match(draft, { state: 'in-force', authors: ['an.admin'], approvers: ['binh.admin'] })
  const found = await call(an, 'GET', '/agencies/H90.51?on=2099-03-01')
  t.match(found.json(), { name: 'Xã Năm Mươi Mốt' }, found.text)
  const { rows } = await pool.query<{ kind: string; actor: string }>(
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
  const { changes } = (await get(an, draft, '/diff')).json() as { changes: { text: { en: string } }[] }
  t.match(
    changes.map(({ text }) => text.en).join('\n'),
    /Xã Năm Mốt/,
    'its diff can still be seen when it is in force',
  )
})

t.test('what does not fit is refused at submission, all of it, and nothing is recorded', async (t) => {
  const before = (await call(an, 'GET', '/directory/revisions?limit=1')).text
  const begun = shownDraft(
    await create(an, directory(establish('H90', 'Đã có'), rename('X99', 'Không có'), rename('H90', 'Tỉnh'))),
  )
  const answer = await step(an, 'submit', begun)
  isProblem(t, answer, 'request-invalid')
  const { errors } = answer.json() as { errors: { path: string; hint: { vi: string } }[] }
  t.ok(errors.some(({ path }) => path.startsWith('#/content/0')))
  t.ok(errors.some(({ path }) => path.startsWith('#/content/1')))
  t.notOk(errors.some(({ path }) => path.startsWith('#/content/2')))
  t.equal((await call(an, 'GET', '/directory/revisions?limit=1')).text, before)
  t.equal(shownDraft(await get(an, begun)).state, 'open')
})

t.test('an act of no known shape is refused where it stands', async (t) => {
  const answers = [
    [directory({ act: 'explode', code: 'H90' }), ['act-unknown #/content/0/act']],
    [
      directory(rename('H90', 'x'), { ...rename('H90', 'x'), extra: 1 }),
      ['schema-additionalproperties #/content/1/extra'],
    ],
    [directory({ ...rename('H90', 'x'), on: '2026-02-30' }), ['schema-format #/content/0/on']],
    [directory({ ...rename('H90', 'x'), on: '20260-02-03' }), undefined],
    [routing({ ...toCommunes, quietHours: { from: '25:00', to: '05:00', passedFrom: 1 } }), undefined],
    [routing({ ...toCommunes, channel: 'pigeon' }), undefined],
    [{ kind: 'directory', content: 'all' }, undefined],
  ] as const
  for (const [draft, faults] of answers) isProblem(t, await create(an, draft), 'request-invalid', faults)
  isProblem(t, await create(an, directory({ ...rename('H90', '\u0000') })), 'request-invalid')
})

t.test('a correction of the past is let through, and named to whoever approves', async (t) => {
  const draft = await submitted(t, an, directory(rename('H90.32', 'Xã Hai (cũ)', '2021-01-01')))
  t.strictSame(
    draft.warnings.map(({ code }) => code),
    ['corrects-past'],
  )
  t.equal((await approve(binh, draft)).status, 200)
})

t.test(
  'an act whose day passes while the draft waits changes the past: it has to be looked at again',
  async (t) => {
    // As if the draft had been submitted yesterday: what it says of today would be said of a day that has passed.
    const past = await submitted(t, an, directory(rename('H91', 'Thành phố', '2022-01-01')))
    await pool.query(`update draft set warnings = '[]' where id = $1`, [past.id])
    isProblem(t, await approve(binh, past), 'revision-conflict')
    t.match(shownDraft(await get(binh, past)), { state: 'submitted', warnings: [{ code: 'corrects-past' }] })
    t.equal((await approve(binh, past)).status, 200, 'now it is known')
  },
)

t.test('directory: conflicts only where somebody touched the same agency since', async (t) => {
  const mine = await submitted(t, an, directory(rename('H90.31', 'Xã Một Mới')))
  const other = await submitted(t, an, directory(rename('G90', 'Bộ Mới')))
  await enforce(t, an, binh, directory(rename('H90.31', 'Xã Một Khác', '2098-01-01')))
  t.equal((await approve(binh, other)).status, 200, 'it is about something else')
  const answer = await approve(binh, mine)
  isProblem(t, answer, 'revision-conflict')
  t.match(answer.json(), { errors: [{ code: 'subject-changed-since', found: 'H90.31' }] })
  const seen = shownDraft(await get(binh, mine))
  t.match(seen, { state: 'submitted', approvers: [], conflict: { subjects: ['H90.31'] } })

  const rebased = (await step(an, 'rebase', seen)).json() as {
    draft: ShownDraft
    underneath: { revisions: { author: string; reason: string }[] }
  }
  t.match(rebased.underneath.revisions, [{ author: 'an.admin' }])
  t.match(rebased.draft, { state: 'open', version: 2, conflict: null })
  const again = shownDraft(await step(an, 'submit', rebased.draft))
  t.match(shownDraft(await approve(binh, again)), { state: 'in-force' })
})

t.test(
  'versions: one of two edits at once wins, and an edit of what was submitted opens it again',
  async (t) => {
    const draft = await submitted(t, an, routing(toCommunes))
    const answers = await Promise.all([
      edit(an, draft, { content: [{ ...toCommunes, comment: 'A' }] }),
      edit(binh, draft, { content: [{ ...toCommunes, comment: 'B' }] }),
    ])
    t.strictSame(answers.map(({ status }) => status).sort(), [200, 409])
    const now = shownDraft(await get(an, draft))
    t.match(now, { state: 'open', version: 2 })
    t.not(now.contentSha256, draft.contentSha256)
    isProblem(t, await step(an, 'submit', draft), 'revision-conflict')
    t.equal((await move(an, 'withdraw', now)).status, 200)
    for (const answer of [
      await step(an, 'submit', now),
      await edit(an, now, { content: [] }),
      await move(an, 'reopen', now),
    ])
      isProblem(t, answer, 'delivery-state-conflict')
  },
)

t.test(
  'routing: a table that was not made from the latest one conflicts, and a rebase merges both',
  async (t) => {
    await enforce(t, an, binh, routing(toCommunes, { id: 'last', channel: 'mailbox' }))
    const mine = await submitted(
      t,
      an,
      routing({ id: 'mine', channel: 'mailbox', tier: 'central' }, toCommunes, {
        id: 'last',
        channel: 'mailbox',
      }),
    )
    await enforce(
      t,
      an,
      binh,
      routing({ ...toCommunes, comment: 'của người khác' }, { id: 'last', channel: 'mailbox' }),
    )
    isProblem(t, await approve(binh, mine), 'revision-conflict')
    const { draft, underneath } = (await step(an, 'rebase', mine)).json() as {
      draft: ShownDraft
      underneath: { rules: { changed: { id: string }[] }; conflicts: string[] }
    }
    t.match(underneath, { rules: { changed: [{ id: 'communes' }] }, conflicts: [] })
    t.strictSame(draft.content, [
      { id: 'mine', channel: 'mailbox', tier: 'central' },
      { ...toCommunes, comment: 'của người khác' },
      { id: 'last', channel: 'mailbox' },
    ])
    const diff = (await get(an, draft, '/diff')).json()
    t.match(diff, {
      rules: { added: [{ place: 1, rule: { id: 'mine' } }], removed: [], changed: [], unchanged: 2 },
    })
  },
)

t.test('routing: a table takes effect at its time, and is scheduled until then', async (t) => {
  const live = (await call(an, 'GET', '/routing-table')).json() as { revision: number }
  const effectiveAt = '2099-01-01T00:00:00.000Z'
  const draft = await enforce(t, an, binh, { ...routing(toCommunes), effectiveAt })
  t.match(draft, { state: 'scheduled', effectiveAt })
  t.equal(((await call(an, 'GET', '/routing-table')).json() as { revision: number }).revision, live.revision)
  const scheduled = (await call(an, 'GET', '/drafts?state=scheduled')).json() as { items: ShownDraft[] }
  t.ok(scheduled.items.some(({ id }) => id === draft.id))

  const stale = shownDraft(await create(an, { ...routing(toCommunes), base: live.revision }))
  isProblem(t, await step(an, 'submit', stale), 'revision-conflict')
  const based = await submitted(t, an, routing({ ...toCommunes, comment: 'gấp' }))
  t.match(based.warnings, [{ code: 'replaced-by-scheduled', found: String(draft.revision) }])
  t.match(shownDraft(await approve(binh, based)), { state: 'in-force' })
})

t.test(
  'revert: a table goes back to what it was, and a revision of the directory is taken back',
  async (t) => {
    const first = await enforce(t, an, binh, routing({ id: 'first', channel: 'mailbox' }))
    await enforce(t, an, binh, routing({ id: 'second', channel: 'mailbox' }))
    const reverted = await call(an, 'POST', `/routing-table/revisions/${first.revision}/revert`)
    t.match(reverted.json(), { state: 'submitted', reverts: first.revision, content: [{ id: 'first' }] })
    t.match(shownDraft(await approve(binh, shownDraft(reverted))), { state: 'in-force' })
    isProblem(t, await call(an, 'POST', '/routing-table/revisions/999999/revert'), 'not-found')

    const before = await call(an, 'GET', '/agencies/H90?on=2099-06-01')
    const changed = await enforce(t, an, binh, directory(rename('H90', 'Tỉnh Mới', '2099-05-01')))
    const back = await call(an, 'POST', `/directory/revisions/${changed.revision}/revert`)
    t.equal(back.status, 201, back.text)
    t.match(shownDraft(await approve(binh, shownDraft(back))), { state: 'in-force' })
    const { name } = (await call(an, 'GET', '/agencies/H90?on=2099-06-01')).json()
    t.equal(name, before.json().name)
    const twice = await call(an, 'POST', `/directory/revisions/${changed.revision}/revert`)
    isProblem(t, twice, 'revision-conflict')
    t.match(twice.json(), { errors: [{ code: 'subject-changed-since', found: 'H90' }] })
  },
)

t.test('revert: a scheduled table is called off by the table that is in force', async (t) => {
  const now = (await call(an, 'GET', '/routing-table')).json() as { revision: number; rules: object[] }
  const effectiveAt = '2097-01-01T00:00:00.000Z'
  await enforce(t, an, binh, { ...routing({ id: 'never', channel: 'mailbox' }), effectiveAt })
  const back = await call(an, 'POST', `/routing-table/revisions/${now.revision}/revert`)
  t.match(back.json(), { state: 'submitted', effectiveAt, content: now.rules }, back.text)
  t.match(shownDraft(await approve(binh, shownDraft(back))), { state: 'scheduled' })
  const { rows } = await pool.query<{ rules: object[] }>(
    `select rules from routing_revision where effective_from <= $1 order by effective_from desc, id desc limit 1`,
    [effectiveAt],
  )
  t.strictSame(rows[0]?.rules, now.rules, 'nothing changes then')
})

t.test('effect: which deliveries would have gone elsewhere, and how many are in flight', async (t) => {
  const sent = await gateway.submit(
    'H90',
    await documentPacket({ from: 'H90', to: ['H90.32', 'G90'], documentId: 'effect-1' }),
  )
  const of = (agency: string) => sent.claims.recipients.find((one) => one.agency === agency)!.delivery
  const merge = { act: 'merge', codes: ['H90.32'], into: 'H91', on: today, basis: 'NQ 1/2026' }
  const draft = await submitted(t, an, directory(merge))
  const effect = (await get(binh, draft, '/effect')).json() as {
    elsewhere: number
    inFlight: number
    sample: { delivery: string; before: object; after: object }[]
    text: { vi: string }[]
  }
  t.match(effect, { elsewhere: 1, nowhere: 0, inFlight: 1, isCut: false }, JSON.stringify(effect))
  t.match(effect.sample, [
    {
      delivery: of('H90.32'),
      before: { recipient: 'H90.32', channel: 'mailbox' },
      after: { recipient: 'H91', channel: 'mailbox' },
    },
  ])
  t.match(effect.text[0]?.vi, /^1 lượt chuyển trong 7 ngày qua/)
  t.match(effect, {
    moves: { redirected: 1, bounced: 0, kept: 0 },
    sample: [{ move: { outcome: 'redirect', from: 'H90.32', to: 'H91' } }],
  })
  for (const [whenInFlight, moves] of [
    ['keep', { redirected: 0, bounced: 0, kept: 1 }],
    ['bounce', { redirected: 0, bounced: 1, kept: 0 }],
  ] as const) {
    const other = shownDraft(await create(an, directory({ ...merge, whenInFlight })))
    t.match((await get(binh, other, '/effect')).json(), {
      moves,
      sample: [{ inFlight: true, move: { outcome: whenInFlight, from: 'H90.32' } }],
    })
  }
  const close = directory({ act: 'close', code: 'H90.32', successor: null, on: today })
  const closing = shownDraft(await create(an, close))
  t.match((await get(an, closing, '/effect?days=1')).json(), { elsewhere: 1, nowhere: 1, inFlight: 1 })
  t.match((await get(an, shownDraft(await create(an, routing())), '/effect')).json(), { elsewhere: 0 })
})

t.test('lists are told page by page, by state and kind', async (t) => {
  const ids = new Set<string>()
  for (let cursor = ''; ; ) {
    const page = (await call(an, 'GET', `/drafts?kind=routing&limit=3${cursor}`)).json() as {
      items: { id: string; kind: string }[]
      nextCursor: string | null
    }
    for (const { id, kind } of page.items) {
      t.equal(kind, 'routing')
      t.notOk(ids.has(id))
      ids.add(id)
    }
    if (page.nextCursor === null) break
    cursor = `&cursor=${page.nextCursor}`
  }
  t.ok(ids.size > 6)
})

t.test('what somebody new to it gets wrong is told in both languages', async (t) => {
  const hintOf = (answer: { json(): Record<string, unknown> }) =>
    (answer.json() as { errors: { path: string; hint: { vi: string; en: string } }[] }).errors[0]
  const draft = shownDraft(await create(an, directory(rename('H90', 'Tỉnh Khác'))))
  t.match(hintOf(await call(an, 'POST', `/drafts/${draft.id}/submit`)), {
    path: '#/headers/if-match',
    hint: { vi: /If-Match với ETag/, en: /such as "3"/ },
  })
  t.match(hintOf(await call(an, 'GET', '/drafts/7')), { hint: { vi: 'Phải là một UUID viết thường.' } })
  const asked = await served.ask('/admin/v1/drafts', {
    method: 'POST',
    headers: { authorization: `Bearer ${an}`, 'content-type': 'application/json' },
    body: '{',
  })
  t.equal(asked.status, 400)
  t.match(hintOf(asked), { path: '#/body', hint: { vi: /không phải là JSON/, en: /no well-formed JSON/ } })
  const nothing = shownDraft(await create(an, directory()))
  isProblem(t, await step(an, 'submit', nothing), 'request-invalid', ['content-empty #/content'])
  t.equal((await step(an, 'submit', draft)).headers.etag, '"1"')
  t.equal((await move(an, 'reopen', draft)).headers.etag, '"1"')
})
