import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { issue } from '../../scripts/issue-certificate.ts'
import type { DevCa } from '../../scripts/make-certs.ts'
import type { BlobStore } from '../../src/blobs/store.ts'
import { listUnnamedBlobs } from '../../src/db/blobs-in-use.ts'
import { findDocument } from '../../src/db/documents.ts'
import { readSealGauges } from '../../src/db/seal-dues.ts'
import { listSeals } from '../../src/db/seal-levels.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { timestamping } from '../../src/intake/timestamping.ts'
import { sealOf } from '../../src/receipts/document-content.ts'
import type { SigningKey } from '../../src/signature/keys.ts'
import { newestToken, sealLevelOf } from '../../src/signature/seal-extend.ts'
import type { Certificate } from '../../src/signature/x509/certificate.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import type { RevocationSource } from '../../src/signature/x509/revocation.ts'
import type { StampingDependencies } from '../../src/stamping/dependencies.ts'
import { liftDueSeals } from '../../src/stamping/lift-due-seals.ts'
import { addArchiveTimestamp, addTimestamp } from '../../src/stamping/lift-seal.ts'
import { stampingRounds } from '../../src/stamping/stamping-rounds.ts'
import { tokenObjection } from '../../src/stamping/token-objection.ts'
import { tsaClient } from '../../src/trust-services/tsa-client.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { type CertificateState, ocspResponseFor } from '../fakes/fake-ocsp.ts'
import { FakeTsa } from '../fakes/fake-tsa.ts'
import { TSA_TYPE, trustServiceServer } from '../fakes/trust-service-server.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import type { Teardown } from '../support/temporary-folder.ts'

const tsaUnder = (issuer: SigningKey) =>
  issue({ subject: [[NAME.commonName, 'TSA thử']], profile: 'timestamp', key: 'p256' }, issuer)

/** A gateway whose seals are stamped by a fake authority over HTTP; rounds are made one by one. */
async function world(t: Teardown, graceSeconds = 3_600) {
  const gateway = await testGateway(t)
  const tsa = new FakeTsa({ tsa: tsaUnder(gateway.ca.issuing), stranger: tsaUnder(fakeCa().issuing) })
  const server = await trustServiceServer(t, {
    tsa: { mediaType: TSA_TYPE, respond: (body) => tsa.respond(body) },
  })
  const { pool, blobs, trust } = gateway.api
  const client = tsaClient({
    urls: [`${server.url}/tsa`],
    timeoutMs: 5_000,
    objection: async (token, imprint) => tokenObjection(token, imprint, trust, new Date()),
  })
  t.teardown(client.close)
  const deps: StampingDependencies = {
    pool,
    blobs,
    trust,
    tsa: client,
    revocation: null,
    actor: 'worker:test',
  }
  let number = 0
  return {
    gateway,
    tsa,
    server,
    deps,
    pool,
    /** Submits one more document, as an API that has just been started. */
    async submit(): Promise<DocumentKey> {
      number++
      const packet = await documentPacket({
        from: 'G90',
        to: ['H90'],
        documentId: `G90,2026/11/21,${number}/BTN-VP`,
      })
      const api = { ...gateway.api, timestamping: timestamping(pool, graceSeconds) }
      const content = Readable.from([Buffer.from(packet)])
      return (await acceptSubmission(api, { caller: callerOf('G90'), content })).claims.document
    },
    lift: (more: Partial<StampingDependencies> = {}) =>
      liftDueSeals({ ...deps, ...more }, 'B-T', { batch: 16 }),
    /** As if so many seconds had gone by since everything that is on record. */
    async age(seconds: number) {
      await pool.query(`update seal_due set owed_since = owed_since - make_interval(secs => $1)`, [seconds])
      await pool.query(`alter table seal_level disable trigger seal_level_is_append_only`)
      await pool.query(`update seal_level set made_at = made_at - make_interval(secs => $1)`, [seconds])
      await pool.query(`alter table seal_level enable trigger seal_level_is_append_only`)
    },
    levels: async (document: DocumentKey) => (await listSeals(pool, document)).map(({ level }) => level),
  }
}

const REFUSED = { code: 'timestamping-unavailable', retryAfter: 60 }

t.test('a seal gets its timestamp after acceptance, as a blob of its own', async (t) => {
  const { submit, lift, levels, pool, gateway, tsa } = await world(t)
  const keys = [await submit(), await submit(), await submit()]
  t.match(await lift(), { done: 3, postponed: [], more: false })
  for (const key of keys) t.same(await levels(key), ['B-B', 'B-T'])
  t.equal(tsa.asked.length, 3)
  const { blobs } = gateway.api
  const [first, stamped] = await listSeals(pool, keys[0]!)
  const [before, after] = [await buffer(blobs.read(first!.sha256)), await buffer(blobs.read(stamped!.sha256))]
  t.equal(sealLevelOf(after), 'B-T')
  t.ok(newestToken(after))
  t.equal(createHash('sha256').update(before).digest('hex'), first!.sha256, 'the first seal stays as it was')
  const document = (await findDocument(pool, keys[0]!))!
  t.equal(await sealOf(pool, document), stamped!.sha256, 'the evidence holds the seal that proves most')
  t.same(await listUnnamedBlobs(pool, [first!.sha256, stamped!.sha256]), [])
  const events = await pool.query(`select actor, detail from audit_event where kind = 'seal-extended'`)
  t.equal(events.rows.length, 3)
  t.match(events.rows[0], { actor: 'worker:test', detail: { level: 'B-T' } })
  t.same((await readSealGauges(pool)).waiting, [])
  t.match(await lift(), { done: 0 }, 'nothing is left to do')
})

t.test('an authority that never answered: documents are taken for the grace, and no longer', async (t) => {
  const { submit, lift, age, server, levels } = await world(t, 3_600)
  server.behaviour = { kind: 'down' }
  const first = await submit()
  t.match((await lift()).outage, { name: 'TsaUnavailable' })
  await age(3_590)
  const second = await submit()
  await age(20)
  await t.rejects(submit(), REFUSED, 'refused, although nothing was ever stamped')
  t.match((await lift()).outage, { name: 'TsaUnavailable' })
  await t.rejects(submit(), REFUSED, 'also by an API that was started in the meantime')
  server.behaviour = { kind: 'answer' }
  t.match(await lift(), { done: 2 })
  t.same(await Promise.all([first, second].map(levels)), [
    ['B-B', 'B-T'],
    ['B-B', 'B-T'],
  ])
  t.ok(await submit(), 'taken again, by itself')
})

t.test('no worker at all is an outage like any other', async (t) => {
  const { submit, age } = await world(t, 3_600)
  await submit()
  await age(3_601)
  await t.rejects(submit(), REFUSED)
})

t.test('the grace of an outage begins with the last timestamp that was had', async (t) => {
  const { submit, lift, age, server } = await world(t, 3_600)
  await submit()
  t.match(await lift(), { done: 1 })
  await age(10_000)
  server.behaviour = { kind: 'status', status: 503 }
  t.ok(await submit(), 'a quiet time is no outage')
  await age(1_000)
  t.ok(await submit(), 'the grace runs since the first that was owed')
  await age(2_601)
  await t.rejects(submit(), REFUSED)
  server.behaviour = { kind: 'answer' }
  t.match(await lift(), { done: 2 })
  t.ok(await submit())
})

t.test('one stamp opens the door again, however many still wait', async (t) => {
  const { submit, age, deps, pool } = await world(t, 3_600)
  const keys = [await submit(), await submit(), await submit()]
  await age(3_601)
  await t.rejects(submit(), REFUSED)
  await addTimestamp(deps, keys[2]!)
  t.ok(await submit())
  t.ok((await readSealGauges(pool)).oldestOwedSeconds > 3_600, 'the metric still tells of the oldest')
})

t.test('a submission that was accepted before gets its receipt all the same', async (t) => {
  const { gateway, age, pool } = await world(t)
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/21,9/BTN-VP' })
  const api = { ...gateway.api, timestamping: timestamping(pool, 60) }
  const submit = () =>
    acceptSubmission(api, { caller: callerOf('G90'), content: Readable.from([Buffer.from(packet)]) })
  const accepted = await submit()
  await age(61)
  t.equal((await submit()).receipt, accepted.receipt)
})

t.test('without an authority nothing is owed, and what waits is stamped once there is one', async (t) => {
  const { gateway, lift, age, submit, levels } = await world(t, 60)
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/21,7/BTN-VP' })
  const { claims } = await gateway.submit('G90', packet)
  await age(61)
  t.ok(await submit(), 'old documents close no door')
  t.match(await lift(), { done: 2 })
  t.same(await levels(claims.document), ['B-B', 'B-T'])
})

t.test('what dies between the token and the commit costs another token, and nothing else', async (t) => {
  const { submit, lift, levels, tsa, deps } = await world(t)
  const key = await submit()
  const dying: BlobStore = {
    ...deps.blobs,
    async stage() {
      const stage = await deps.blobs.stage()
      return {
        write: (content) => stage.write(content),
        read: (blob, range) => stage.read(blob, range),
        commit: () => Promise.reject(new Error('chết')),
        discard: () => stage.discard(),
      }
    },
  }
  t.match((await lift({ blobs: dying })).outage, { message: 'chết' })
  t.same(await levels(key), ['B-B'])
  t.match(await lift(), { done: 1 })
  t.same(await levels(key), ['B-B', 'B-T'])
  t.equal(tsa.asked.length, 2)
})

t.test('workers at the same time share the work and stamp nothing twice', async (t) => {
  const { submit, lift, levels, deps, tsa } = await world(t)
  const keys = await Promise.all(Array.from({ length: 12 }, submit))
  const rounds = await Promise.all([lift(), lift(), lift()])
  t.equal(
    rounds.reduce((sum, { done }) => sum + done, 0),
    12,
  )
  t.equal(tsa.asked.length, 12)
  await Promise.all([addTimestamp(deps, keys[0]!), addTimestamp(deps, keys[0]!)])
  for (const key of keys) t.same(await levels(key), ['B-B', 'B-T'])
})

t.test('a seal that is lost or damaged waits by itself and holds up nobody', async (t) => {
  const { submit, lift, age, pool, gateway } = await world(t, 60)
  const [lost, damaged, sound] = [await submit(), await submit(), await submit()]
  const pathOf = async (key: DocumentKey) => {
    const { sealSha256 } = (await findDocument(pool, key))!
    const root = gateway.variables.TRAM_BLOBS!
    return join(root, sealSha256.slice(0, 2), sealSha256.slice(2, 4), sealSha256)
  }
  await rm(await pathOf(lost))
  await writeFile(await pathOf(damaged), 'hỏng')
  const { done, postponed, outage } = await lift()
  t.match({ done, outage }, { done: 1, outage: undefined })
  t.match(new Map(postponed.map(({ document, reason }) => [document, reason])).get(lost), /is lost/)
  t.match(new Map(postponed.map(({ document, reason }) => [document, reason])).get(damaged), /is damaged/)
  t.ok(sound)
  await age(61)
  t.ok(await submit())
  t.equal((await lift()).done, 1, 'and it is not tried again at once')
})

t.test('a token that proves nothing is not kept', async (t) => {
  const { submit, lift, levels, tsa } = await world(t)
  const key = await submit()
  const says = async () => String((await lift()).outage)
  tsa.behaviour = 'other-certificate'
  t.match(await says(), /not trusted for timestamps/)
  tsa.behaviour = 'broken-signature'
  t.match(await says(), /signature of the token does not fit/)
  tsa.behaviour = 'rejection'
  t.match(await says(), /rejected/)
  tsa.behaviour = 'answer'
  tsa.clockOffsetMs = -6 * 60_000
  t.match(await says(), /its clock says/)
  t.same(await levels(key), ['B-B'])
  tsa.clockOffsetMs = -60_000
  t.match(await lift(), { done: 1 })
})

/** Answers for everything that this CA issued, as it is told. */
function statusOf(ca: DevCa, states: Map<string, CertificateState> = new Map()): RevocationSource {
  const keyOf = (issuer: Certificate) =>
    [ca.root, ca.issuing].find(({ certificateChain: [own] }) => own!.sha256 === issuer.sha256)
  return {
    crls: async () => [],
    async ocsps(certificate, issuer) {
      const responder = keyOf(issuer)
      const state = states.get(certificate.serial) ?? 'good'
      return responder ? [ocspResponseFor(certificate, issuer, { responder, state })] : []
    },
  }
}

t.test('a seal gets what proves its certificates, then archive timestamps', async (t) => {
  const { submit, deps, levels, gateway, pool } = await world(t)
  const key = await submit()
  const complete = { ...deps, revocation: statusOf(gateway.ca) }
  await stampingRounds(complete)()
  t.same(await levels(key), ['B-B', 'B-T', 'B-LT'])
  t.same((await readSealGauges(pool)).waiting, [])
  await addArchiveTimestamp(complete, key)
  await addArchiveTimestamp(complete, key)
  t.same(await levels(key), ['B-B', 'B-T', 'B-LT', 'B-LTA', 'B-LTA'])
  const seals = await listSeals(pool, key)
  const [, stamped, , archived, renewed] = await Promise.all(
    seals.map(({ sha256 }) => buffer(gateway.api.blobs.read(sha256))),
  )
  t.ok(renewed!.length > archived!.length && archived!.length > stamped!.length)
  t.equal(sealLevelOf(renewed!), 'B-LTA')
})

t.test('without proof that every certificate is good a seal stays B-T, and is tried again', async (t) => {
  const { submit, deps, levels, gateway, pool } = await world(t)
  const key = await submit()
  const seal = gateway.api.sealKeys.at(new Date()).certificateChain[0]!
  const reasons: string[] = []
  const round = (revocation: RevocationSource) =>
    stampingRounds(
      { ...deps, revocation },
      { onBatch: ({ postponed }) => reasons.push(...postponed.map(({ reason }) => reason)) },
    )()
  const again = () => pool.query('update seal_due set due_at = clock_timestamp()')
  await round(statusOf(fakeCa()))
  await again()
  await round(statusOf(gateway.ca, new Map([[seal.serial, 'unknown']])))
  await again()
  await round(statusOf(gateway.ca, new Map([[seal.serial, { revokedAt: new Date('2026-01-01') }]])))
  t.equal(reasons.length, 3)
  t.match(reasons[2], /revoked/)
  t.same(await levels(key), ['B-B', 'B-T'])
  t.match((await readSealGauges(pool)).waiting, [{ wants: 'B-LT', count: 1 }])
  await again()
  await round(statusOf(gateway.ca))
  t.same(await levels(key), ['B-B', 'B-T', 'B-LT'])
})

t.test('during an outage one seal is tried, ever more seldom; then all', async (t) => {
  const { submit, server, deps, tsa } = await world(t)
  for (let count = 0; count < 6; count++) await submit()
  server.behaviour = { kind: 'status', status: 500 }
  let now = 0
  const batches: number[] = []
  const round = stampingRounds(deps, { monotonicNow: () => now, onBatch: ({ done }) => batches.push(done) })
  const asksWithin = async (seconds: number) => {
    const before = server.requests.length
    for (const end = now + seconds * 1_000; now < end; now += 1_000) await round()
    return server.requests.length - before
  }
  t.ok((await asksWithin(1)) <= 4, 'the first round asks for no more than it has in hand')
  t.equal(await asksWithin(62), 6, 'after 1, 2, 4, 8, 16, 30 seconds')
  server.behaviour = { kind: 'answer' }
  await asksWithin(31)
  t.equal(
    batches.reduce((sum, done) => sum + done, 0),
    6,
  )
  t.equal(tsa.asked.length, 6)
})
