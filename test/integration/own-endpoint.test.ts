import t from 'tap'
import { removeEndpoint, setEndpoint } from '../../src/directory/endpoints.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import {
  agencyFacts,
  recordFacts,
  replaceFacts,
  setLifetime,
  successionFact,
} from '../support/record-facts.ts'
import { CLOSED_ON, successionWorld } from '../support/succession-world.ts'

const gateway = await testGateway(t)
const { pool, registry } = gateway.api
const world = successionWorld(gateway)

const choose = (code: string) =>
  setEndpoint(
    gateway.api,
    callerOf(code).clientId,
    agencyCode(code),
    { channel: 'https-push', url: 'https://dms.example/notices' },
    false,
  )

const endpoint = (code: string, reaches: 'itself' | 'subtree', validTo: string | null) => ({
  subject: agencyCode(code),
  kind: 'endpoint' as const,
  validFrom: '2020-01-01',
  validTo,
  value: { channel: 'https-push' as const, url: 'https://old.example/notices', reaches },
})

t.test('an endpoint that serves those beneath is not changed by one, nor taken away', async (t) => {
  const [code] = await world.open({ name: 'Tỉnh Nói thay', tier: 'province' })
  await recordFacts(pool, [endpoint(code!, 'subtree', null)])
  const refusal = { code: 'request-invalid', faults: [{ code: 'endpoint-reaches-others' }] }
  await t.rejects(choose(code!), refusal)
  await t.rejects(removeEndpoint(gateway.api, callerOf(code!).clientId, agencyCode(code!)), refusal)
  const { directory } = await registry.upToDate(pool)
  t.match(directory.endpointFor(agencyCode(code!), '2026-11-22'), {
    endpoint: { url: 'https://old.example/notices', reaches: 'subtree' },
  })
})

t.test('nor by SQL that writes a revision without a draft', async (t) => {
  const [code] = await world.open({ name: 'Tỉnh Nói thay', tier: 'province' })
  const say = async (reaches: string) => {
    const db = await pool.connect()
    try {
      await db.query('begin')
      await db.query(
        `insert into directory_revision (number, author, reason)
          select max(number) + 1, $1, 'x' from directory_revision`,
        [callerOf(code!).clientId],
      )
      await db.query(
        `insert into directory_fact (subject, kind, value, valid_from, asserted_in)
          select $1, 'endpoint', $2, '2099-01-01', max(number) from directory_revision`,
        [code, JSON.stringify({ channel: 'mailbox', url: null, reaches })],
      )
    } finally {
      await db.query('rollback')
      db.release()
    }
  }
  await t.rejects(say('subtree'), { code: '23514', constraint: 'draft_four_eyes' })
  await t.resolves(say('itself'))
})

t.test('an endpoint that an agency chose does not outlive it', async (t) => {
  const [code] = await world.open({ name: 'Tỉnh Sắp đóng', tier: 'province' })
  await recordFacts(pool, [endpoint(code!, 'itself', null)])
  await setLifetime(pool, code!, '2100-07-01')
  await choose(code!)
  const { directory } = await registry.upToDate(pool)
  const last = directory.factsOfKind(agencyCode(code!), 'endpoint').at(-1)
  t.match(last, { value: { url: 'https://dms.example/notices', reaches: 'itself' }, validTo: '2100-07-01' })
  t.equal(directory.endpointFor(agencyCode(code!), '2100-07-01'), undefined)
})

/** Two codes, of which the first is given the second, with all that it has, on a day. */
async function recoded(on: string, before: NewFact[] = []): Promise<[string, string]> {
  const [first] = await world.open({ name: 'Xã Sắp đổi mã' })
  const second = `${first}X`
  await setLifetime(pool, first!, on)
  await recordFacts(pool, [
    ...before.map((fact): NewFact => ({ ...fact, subject: agencyCode(first!), validTo: on })),
    ...before.map((fact): NewFact => ({ ...fact, subject: agencyCode(second), validFrom: on })),
    ...agencyFacts({ code: second, validFrom: on }),
    recodeFact(first!, second, on),
  ])
  return [first!, second]
}

const recodeFact = (code: string, other: string, on: string): NewFact => {
  const fact = successionFact(code, other, on)
  if (fact.kind !== 'succession') throw new Error('no succession')
  return { ...fact, value: { ...fact.value, act: 'recode' } }
}

const urlOf = async (code: string, day: string) =>
  (await registry.upToDate(pool)).directory.endpointFor(agencyCode(code), day)?.endpoint.url

t.test('an endpoint that an agency chooses holds for the code that is planned for it', async (t) => {
  const [first, second] = await recoded('2100-07-01', [endpoint('H0', 'itself', null)])
  await choose(first)
  t.equal(await urlOf(first, '2100-06-30'), 'https://dms.example/notices')
  t.equal(await urlOf(second, '2100-07-01'), 'https://dms.example/notices')
  await removeEndpoint(gateway.api, callerOf(first).clientId, agencyCode(first))
  t.equal(await urlOf(second, '2100-07-01'), undefined)
  await choose(first)
  t.equal(await urlOf(second, '2100-07-01'), 'https://dms.example/notices')
})

t.test('and for the code after that', async (t) => {
  const [first, second] = await recoded('2100-07-01')
  const third = `${first}Y`
  await replaceFacts(pool, second, 'existence', [
    { ...agencyFacts({ code: second, validFrom: '2100-07-01', validTo: '2101-07-01' })[0]! },
  ])
  await recordFacts(pool, [
    ...agencyFacts({ code: third, validFrom: '2101-07-01' }),
    recodeFact(second, third, '2101-07-01'),
  ])
  await choose(first)
  t.equal(await urlOf(third, '2101-07-01'), 'https://dms.example/notices')
})

/** What the database says to facts that a client of an agency says of endpoints by SQL, and takes back. */
async function saysBySql(client: string, facts: readonly NewFact[], takesBack?: string): Promise<void> {
  const db = await pool.connect()
  try {
    await db.query('begin')
    await db.query(
      `insert into directory_revision (number, author, reason) select max(number) + 1, $1, 'x' from directory_revision`,
      [callerOf(client).clientId],
    )
    if (takesBack !== undefined)
      await db.query(
        `update directory_fact set retracted_in = (select max(number) from directory_revision)
          where subject = $1 and kind = 'endpoint' and retracted_in is null`,
        [takesBack],
      )
    for (const { subject, value, validFrom, validTo } of facts)
      await db.query(
        `insert into directory_fact (subject, kind, value, valid_from, valid_to, asserted_in)
          select $1, 'endpoint', $2, $3, $4, max(number) from directory_revision`,
        [subject, JSON.stringify(value), validFrom, validTo],
      )
  } finally {
    await db.query('rollback')
    db.release()
  }
}

t.test('and by SQL no agency says more of another code than that', async (t) => {
  const on = '2100-07-01'
  const [first, second] = await recoded(on, [endpoint('H0', 'itself', null)])
  const [stranger] = await world.open({ name: 'Xã Khác' })
  const said = (code: string, url: string, validFrom: string, validTo: string | null): NewFact => ({
    ...endpoint(code, 'itself', validTo),
    ...{ validFrom, value: { channel: 'https-push', url, reaches: 'itself' } },
  })
  const own = said(first, 'https://new.example', '2099-01-01', on)
  const refused = { code: '23514', constraint: 'draft_four_eyes' }
  await t.resolves(saysBySql(first, [own, said(second, 'https://new.example', on, null)]))
  const others: Record<string, NewFact[]> = {
    'without saying it of itself': [said(second, 'https://new.example', on, null)],
    'another endpoint than its own': [own, said(second, 'https://other.example', on, null)],
    'for a later day': [own, said(second, 'https://new.example', '2100-07-02', null)],
    'of a code that is not to be its own': [own, said(stranger!, 'https://new.example', on, null)],
  }
  for (const [what, facts] of Object.entries(others)) await t.rejects(saysBySql(first, facts), refused, what)
  await t.rejects(saysBySql(first, [own], second), refused, 'takes back what is not its own')
  await t.rejects(saysBySql(second, [own], first), refused, 'the code to come speaks of the one before')
})

t.test('nor once the other code has begun', async (t) => {
  const [first, second] = await recoded(CLOSED_ON)
  const own: NewFact = { ...endpoint(first, 'itself', CLOSED_ON), validFrom: '2025-12-01' }
  const other: NewFact = { ...endpoint(second, 'itself', null), validFrom: CLOSED_ON }
  await t.rejects(saysBySql(first, [own, other]), { code: '23514', constraint: 'draft_four_eyes' })
})

t.test('an agency that has closed chooses no endpoint', async (t) => {
  const [code] = await world.open({ name: 'Xã Đã đóng' })
  await setLifetime(pool, code!, CLOSED_ON)
  await t.rejects(choose(code!), { code: 'request-invalid', faults: [{ code: 'agency-not-open' }] })
})
