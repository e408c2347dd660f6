import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { httpClient } from '../../scripts/demo/http-client.ts'
import { devEnvironment } from '../../scripts/dev-environment.ts'
import { issue } from '../../scripts/issue-certificate.ts'
import { freePort } from '../../scripts/services/free-port.ts'
import { startServices } from '../../scripts/services/index.ts'
import { databaseBlobStore } from '../../src/blobs/database-first-store.ts'
import { findDocument, listAttachments } from '../../src/db/documents.ts'
import { migrate } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { readSealGauges } from '../../src/db/seal-dues.ts'
import { currentSeal } from '../../src/db/seal-levels.ts'
import { documentKey } from '../../src/domain/identifiers.ts'
import { sealedObjects } from '../../src/domain/sealed-objects.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { sealLevelOf } from '../../src/signature/seal/extend.ts'
import { loadTrustStore } from '../../src/signature/trust-store.ts'
import { verifySeal } from '../../src/signature/verify-seal.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { FakeOcsp } from '../fakes/fake-ocsp.ts'
import { FakeTsa } from '../fakes/fake-tsa.ts'
import { OCSP_TYPE, TSA_TYPE, trustServiceServer } from '../fakes/trust-service-server.ts'
import { createAgencies } from '../support/create-agencies.ts'
import { documentPacket } from '../support/packets.ts'
import { toPem } from '../support/pem.ts'
import { spawnTram } from '../support/spawn-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const GRACE_SECONDS = 3

/** Real processes and servers; the authority is away from the beginning, the API and the worker die in between. */
t.test(
  'an outage of the time-stamping authority, from the first document to archive timestamps',
  async (t) => {
    const folder = await temporaryFolder(t)
    const services = await startServices({ folder: join(folder, 'services'), queue: 'postgres', given: {} })
    t.teardown(() => services.stop())
    const port = await freePort()
    const { databaseUrl } = services
    const environment = await devEnvironment({ folder, databaseUrl, redisUrl: null, port })
    const { issuing } = environment.ca

    // The issuing CA is the anchor, so that seal and authority are all whose status is to be known.
    const keyOf = (profile: 'timestamp' | 'ocsp' | 'signature', ocspUrl?: string) =>
      issue(
        { subject: [[NAME.commonName, `${profile} thử`]], profile, key: 'p256', ...(ocspUrl && { ocspUrl }) },
        issuing,
      )
    const ocsp = new FakeOcsp({ responder: keyOf('ocsp') })
    const answering: { tsa?: FakeTsa } = {}
    const server = await trustServiceServer(t, {
      tsa: { mediaType: TSA_TYPE, respond: (body) => answering.tsa!.respond(body) },
      ocsp: { mediaType: OCSP_TYPE, respond: (body) => ocsp.respond(body) },
    })
    answering.tsa = new FakeTsa({ tsa: keyOf('timestamp', `${server.url}/ocsp`) })
    const seal = keyOf('signature', `${server.url}/ocsp`)
    const trust = join(folder, 'trust')
    await mkdir(join(trust, 'timestamp'), { recursive: true })
    for (const name of ['issuing.pem', 'timestamp/issuing.pem'])
      await writeFile(join(trust, name), toPem([issuing.certificateChain[0]!.der]))
    await writeFile(join(folder, 'seal.pem'), toPem([seal.certificateChain[0]!.der]))
    await writeFile(join(folder, 'seal.key.pem'), seal.key.export({ type: 'pkcs8', format: 'pem' }))
    const variables = {
      ...environment.variables,
      TRAM_TRUST: trust,
      TRAM_SEAL_KEY: join(folder, 'seal.key.pem'),
      TRAM_SEAL_CHAIN: join(folder, 'seal.pem'),
      TRAM_TSA_URL: `${server.url}/tsa`,
      TRAM_TSA_GRACE: String(GRACE_SECONDS),
      TRAM_REVOCATION_HOSTS: new URL(server.url).host,
      TRAM_REVOCATION_NETWORKS: '127.0.0.0/8,::1/128',
    }

    await migrate(databaseUrl)
    await migrateQueue({ kind: 'postgres', url: databaseUrl })
    const credentials = await createAgencies(databaseUrl)
    const pool = createPool({ databaseUrl, max: 2, applicationName: 'test', onError: () => undefined })
    t.teardown(() => pool.end())
    const accepted: string[] = []
    let number = 0
    const submit = async (): Promise<unknown> => {
      const documentId = `G90,2026/11/22,${++number}/BTN-VP`
      const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId })
      const door = httpClient(`http://127.0.0.1:${port}`, credentials.get('G90')!)
      const headers = { 'content-type': 'application/xml' }
      const { status, body } = await door.send('/v1/documents', new Uint8Array(packet), headers)
      if (status < 300) accepted.push(String(body.documentId))
      return status < 300 ? 'accepted' : `${status} ${String(body.code)}`
    }
    const REFUSED = '503 timestamping-unavailable'

    server.behaviour = { kind: 'down' }
    const first = [await spawnTram(t, ['serve'], variables), await spawnTram(t, ['worker'], variables)]
    t.equal(await submit(), 'accepted', 'taken although there never was a timestamp')
    await waitFor(async () => (await submit()) === REFUSED, 30_000)
    const { oldestOwedSeconds } = await readSealGauges(pool)
    t.ok(oldestOwedSeconds >= GRACE_SECONDS, `refused after ${oldestOwedSeconds} s`)
    for (const one of first) await one.kill('SIGKILL')
    const [, second] = await Promise.all([
      spawnTram(t, ['serve'], variables),
      spawnTram(t, ['worker'], variables),
    ])
    t.equal(await submit(), REFUSED, 'a restart changes nothing')

    server.behaviour = { kind: 'answer' }
    await waitFor(async () => (await submit()) === 'accepted', 60_000)
    const waits = async () => (await readSealGauges(pool)).waiting.length
    await waitFor(async () => (await waits()) === 0, 60_000)
    t.comment(`${accepted.length} documents, ${ocsp.asked} questions to the OCSP responder`)

    server.behaviour = { kind: 'hang' }
    const asked = server.requests.length
    t.equal(await submit(), 'accepted')
    await waitFor(() => server.requests.length > asked)
    await second.kill('SIGKILL')
    server.behaviour = { kind: 'answer' }
    await spawnTram(t, ['worker'], variables)
    t.equal(await waits(), 1, 'what a worker took with it into death waits for its time to run out')
    await pool.query('update seal_due set due_at = clock_timestamp()')
    await waitFor(async () => (await waits()) === 0, 30_000)

    const doctor = async () => {
      const command = await spawnTram(t, ['doctor'], variables, { ready: null })
      await command.ended
      return command.otherOutput.join('\n')
    }
    t.match(await doctor(), /ok +dịch vụ cấp dấu thời gian\/time-stamping authority localhost:\d+: \d{4}-/)

    const root = environment.variables.TRAM_BLOBS!
    const blobs = databaseBlobStore({ pool, root, small: 'database' })
    const trusted = await loadTrustStore(trust)
    const verified = async (key: string) => {
      const document = (await findDocument(pool, documentKey(key)))!
      const objects = sealedObjects(document.packetSha256, await listAttachments(pool, document.key))
      const xades = await buffer(blobs.read((await currentSeal(pool, document.key))!.sha256))
      const found = await verifySeal(xades, objects, { trust: trusted, time: new Date() })
      return { level: sealLevelOf(xades), states: found.map(({ state, trust: word }) => `${state} ${word}`) }
    }
    for (const key of accepted)
      t.same(await verified(key), { level: 'B-LT', states: ['valid trusted'] }, 'and our verifier agrees')

    const renew = async (...more: string[]) => {
      const command = await spawnTram(t, ['seal', 'renew', ...more], variables, { ready: null })
      const { code } = await command.ended
      return { code, said: command.otherOutput.join('\n') }
    }
    t.match(await renew(), { code: 0, said: /renewed: 0, / }, 'what is young is left alone')
    t.match(await renew('--older-than', '0', '--document', accepted[0]!), { code: 0, said: /renewed: 1, / })
    t.match(await renew('--older-than', '0'), { code: 0, said: new RegExp(`renewed: ${accepted.length}, `) })
    for (const key of accepted) t.same(await verified(key), { level: 'B-LTA', states: ['valid trusted'] })
    server.behaviour = { kind: 'down' }
    t.match(await renew('--older-than', '0'), { code: 1 }, 'an outage is told by the exit code')
    t.match(
      await doctor(),
      /failed +dịch vụ cấp dấu thời gian\/time-stamping authority localhost:\d+: no timestamp/,
    )
    t.match(await renew('--older-than', 'never'), { code: 2, said: /--older-than/ })
  },
)
