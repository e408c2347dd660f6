import { Readable } from 'node:stream'
import { issue } from '../../scripts/issue-certificate.ts'
import type { DevCa } from '../../scripts/make-certs.ts'
import { listSeals } from '../../src/db/seal-levels.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { timestamping } from '../../src/intake/timestamping.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import type { Certificate } from '../../src/signature/x509/certificate.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import type { RevocationSource } from '../../src/signature/x509/revocation.ts'
import type { StampingDependencies } from '../../src/stamping/dependencies.ts'
import { liftDueSeals } from '../../src/stamping/lift-due-seals.ts'
import { tokenObjection } from '../../src/stamping/token-objection.ts'
import { tsaClient } from '../../src/trust-services/tsa-client.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { type CertificateState, ocspResponseFor } from '../fakes/fake-ocsp.ts'
import { FakeTsa } from '../fakes/fake-tsa.ts'
import { TSA_TYPE, trustServiceServer } from '../fakes/trust-service-server.ts'
import { callerOf, testGateway } from './gateway.ts'
import { documentPacket } from './packets.ts'
import type { Teardown } from './temporary-folder.ts'

const tsaUnder = (issuer: SigningKey) =>
  issue({ subject: [[NAME.commonName, 'TSA thử']], profile: 'timestamp', key: 'p256' }, issuer)

/** A gateway whose seals are stamped by a fake authority over HTTP; rounds are made one by one. */
export async function stampingWorld(t: Teardown) {
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
  let grace = 3_600
  const parts = {
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
      const api = { ...gateway.api, timestamping: timestamping(pool, grace) }
      const content = Readable.from([Buffer.from(packet)])
      return (await acceptSubmission(api, { caller: callerOf('G90'), content })).claims.document
    },
    lift: (more: Partial<StampingDependencies> = {}) =>
      liftDueSeals({ ...deps, ...more }, 'B-T', { batch: 16 }),
    /** As if so many seconds had gone by since everything that is on record. */
    async age(seconds: number) {
      await pool.query(`update seal_due set owed_since = owed_since - make_interval(secs => $1)`, [seconds])
      await change(`update seal_level set made_at = made_at - make_interval(secs => ${seconds})`)
    },
    levels: async (document: DocumentKey) => (await listSeals(pool, document)).map(({ level }) => level),
  }
  /** Changes what is never changed. */
  const change = async (sql: string) => {
    await pool.query(`alter table seal_level disable trigger seal_level_is_append_only`)
    await pool.query(sql)
    await pool.query(`alter table seal_level enable trigger seal_level_is_append_only`)
  }
  return {
    /** The same gateway as if it had never accepted nor stamped anything, and an authority that answers. */
    async fresh(graceSeconds = 3_600) {
      await pool.query('delete from seal_due')
      await change('delete from seal_level')
      server.behaviour = { kind: 'answer' }
      server.requests.length = 0
      tsa.behaviour = 'answer'
      tsa.clockOffsetMs = 0
      tsa.asked.length = 0
      grace = graceSeconds
      return parts
    },
  }
}

/** Answers for everything that this CA issued, as it is told. */
export function statusOf(ca: DevCa, states: Map<string, CertificateState> = new Map()): RevocationSource {
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
