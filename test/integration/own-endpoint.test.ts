import t from 'tap'
import { removeEndpoint, setEndpoint } from '../../src/directory/endpoints.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { recordFacts, setLifetime } from '../support/record-facts.ts'
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

t.test('an agency that has closed chooses no endpoint', async (t) => {
  const [code] = await world.open({ name: 'Xã Đã đóng' })
  await setLifetime(pool, code!, CLOSED_ON)
  await t.rejects(choose(code!), { code: 'request-invalid', faults: [{ code: 'agency-not-open' }] })
})
