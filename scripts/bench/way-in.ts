import '../../test/support/kept-keys.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryBlobStore } from '../../src/blobs/directory-store.ts'
import type { BlobStage } from '../../src/blobs/store.ts'
import { createPool } from '../../src/db/pool.ts'
import { DirectorySnapshot } from '../../src/directory/snapshot/snapshot.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import { planEffects } from '../../src/domain/effects.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { DEFAULT_LIMITS } from '../../src/edxml/parse-packet.ts'
import { checkRules } from '../../src/intake/check-rules.ts'
import { checkWay } from '../../src/intake/check-way.ts'
import { documentRecord } from '../../src/intake/document-record.ts'
import { identifySender } from '../../src/intake/identify-sender.ts'
import { parseSubmission } from '../../src/intake/parse-submission.ts'
import { planDeliveries } from '../../src/intake/plan-deliveries.ts'
import { receiptClaims } from '../../src/intake/receipt-claims.ts'
import { routeDocument } from '../../src/intake/route-document.ts'
import { sealDocument } from '../../src/intake/seal-document.ts'
import type { IntakeDependencies, SealedDocument, Submission } from '../../src/intake/submission.ts'
import { verifySignatures } from '../../src/intake/verify-signatures.ts'
import { loadSigningKey } from '../../src/signature/keys/load-key.ts'
import { signerOf } from '../../src/signature/keys/signer.ts'
import { loadTrustStore } from '../../src/signature/load-trust-store.ts'
import { loadPolicies } from '../../src/signature/policy/load-policies.ts'
import { signReceipt } from '../../src/signature/receipt-jws.ts'
import { createSealer } from '../../src/signature/seal/seal.ts'
import { evidenceItems } from '../../src/signature/validation/evidence-items.ts'
import { NO_REVOCATION_SOURCE } from '../../src/signature/x509/revocation.ts'
import { agencyFacts } from '../../test/support/record-facts.ts'
import { issueAgency, makeDevCertificates } from '../make-certs.ts'
import { RECEIVERS, recipientsOf, SENDERS } from './load/agencies.ts'
import { KINDS, type Kind } from './load/contents.ts'
import { packetTemplate } from './load/packet-template.ts'

/*
 * node --import ./scripts/strip-types.mjs scripts/bench/way-in.ts [documents [small|pdf|large]]
 *
 * The steps from a packet's bytes to what the accept transaction writes, without a database, a disk or a network:
 * microseconds of processor time of all threads for each document, of 10 KB where no kind is told (the lower quartile of batches), after as
 * many to warm up.
 */
const DOCUMENTS = Number(process.argv[2] ?? 4_000)
const KIND = KINDS[(process.argv[3] ?? 'small') as Kind]
/** So many are taken through a step before the next one: one alone is too short to be weighed. */
const BATCH = 16

const unused = (): never => {
  throw new Error('no database here')
}

const snapshot = DirectorySnapshot.of(
  1,
  [...SENDERS, ...RECEIVERS]
    .flatMap((code) => agencyFacts({ code, tier: 'province' }))
    .map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
)
const beginning = { createdAt: new Date(0), effectiveFrom: new Date(0), approvedBy: null, draftId: null }
const registry = { directory: snapshot, tables: [{ revision: 1, rules: [], author: 'bench', ...beginning }] }

async function open(folder: string): Promise<{ dependencies: IntakeDependencies; packets: Buffer[] }> {
  const certificates = join(folder, 'certs')
  const ca = await makeDevCertificates(certificates)
  const file = (ending: string) => join(certificates, `gateway-seal-p256${ending}`)
  const seal = await loadSigningKey({ keyFile: file('.key.pem'), chainFile: file('.pem') })
  const signer = signerOf(seal)
  const templates = await Promise.all(
    SENDERS.map(async (code, turn) => {
      const { agency: key } = issueAgency(ca, { name: `Cơ quan ${code}`, code })
      const { of, ...attachment } = await KIND.make(key)
      return packetTemplate({ from: code, to: recipientsOf(turn, 1), key, attachment, contentOf: of })
    }),
  )
  const packets: Buffer[] = []
  for (let number = 0; number < DOCUMENTS; number += 1) {
    const { pieces } = await templates[number % templates.length]!(number)
    packets.push(Buffer.concat(pieces))
  }
  const pool = createPool({
    databaseUrl: 'postgres://nowhere',
    max: 1,
    applicationName: 'x',
    onError: unused,
  })
  const dependencies: IntakeDependencies = {
    pool,
    registry: {
      current: () => registry,
      upToDate: async () => registry,
      asOfNow: async () => ({ now: new Date(), registry }),
      ageSeconds: () => 0,
      close: async () => undefined,
    },
    blobs: directoryBlobStore(join(folder, 'blobs'), () => undefined),
    trust: await loadTrustStore(join(certificates, 'trust')),
    revocation: NO_REVOCATION_SOURCE,
    policyFor: await loadPolicies(),
    sealer: createSealer(signer),
    receiptKeyAt: () => signer,
    packetLimits: DEFAULT_LIMITS,
    usable: WITHOUT_CONNECTOR,
    timestamping: null,
    traceId: null,
    wakeRelay: () => undefined,
  }
  return { dependencies, packets }
}

/** What the accept transaction is made of. */
async function prepareWriting(dependencies: IntakeDependencies, document: SealedDocument): Promise<unknown> {
  const to = document.to.map(({ agency }) => agency.code)
  const effects = planEffects('new', { to, removed: [], reach: (code) => code }, [])
  const deliveries = planDeliveries(dependencies.usable, document, effects, document.now)
  const claims = receiptClaims(document, document.now, effects, deliveries)
  const receipt = await signReceipt(claims, dependencies.receiptKeyAt(document.now))
  const record = documentRecord(document, document.now, receipt)
  const items = evidenceItems(document.evidence)
  return [record, items, JSON.stringify(record.envelope), JSON.stringify(record.signatureReport)]
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

interface Arrival {
  readonly submission: Submission
  readonly stage: BlobStage
}

/** Microseconds for each document of a batch. */
const spent = new Map<string, number[]>()

/** Of the better batches: what else the machine has to do makes the others dear. */
const quartile = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 2] ?? 0

/** Takes a batch through one step. */
async function step<A, B>(name: string, all: readonly A[], work: (one: A) => B | Promise<B>): Promise<B[]> {
  const done: B[] = []
  const began = process.cpuUsage()
  for (const one of all) {
    const made = work(one)
    done.push(made instanceof Promise ? await made : made)
  }
  const { user, system } = process.cpuUsage(began)
  const each = (user + system) / all.length
  spent.set(name, [...(spent.get(name) ?? []), each])
  return done
}

async function takeThrough(dependencies: IntakeDependencies, packets: readonly Buffer[], first: number) {
  const arrivals = await step('stage opened', packets, async (packet): Promise<Arrival> => {
    const sender = SENDERS[(first + packets.indexOf(packet)) % SENDERS.length]!
    const caller = { clientId: 'bench', role: 'agency' as const, agency: agencyCode(sender) }
    return { submission: { caller, content: streamOf(packet) }, stage: await dependencies.blobs.stage() }
  })
  const parsed = await step('parsed', arrivals, ({ submission, stage }) =>
    parseSubmission(dependencies, submission, stage),
  )
  const permitted = await step('rules', parsed, checkRules)
  const traced = await step('way', permitted, (one) => checkWay(dependencies, one))
  const identified = await step('identified', traced, (one) => identifySender(dependencies, one))
  const routed = await step('routed', identified, (one) => routeDocument(dependencies, one))
  const verified = await step('verified', routed, (one) => verifySignatures(dependencies, one))
  if (verified.some(({ report }) => report.envelope !== 'valid' || report.findings[0]?.trust !== 'trusted'))
    throw new Error(`a packet does not verify: ${JSON.stringify(verified[0]?.report)}`)
  const sealed = await step('sealed', verified, (one) => sealDocument(dependencies, one))
  await step('written', sealed, (one) => prepareWriting(dependencies, one))
  await step('discarded', arrivals, ({ stage }) => stage.discard())
}

const folder = await mkdtemp(join(tmpdir(), 'tram-way-in-'))
try {
  const { dependencies, packets } = await open(folder)
  const half = DOCUMENTS / 2
  for (let at = 0; at < DOCUMENTS; at += BATCH) {
    if (at === half) spent.clear()
    await takeThrough(dependencies, packets.slice(at, at + BATCH), at)
  }
  let total = 0
  for (const [name, batches] of spent) {
    const each = quartile(batches)
    total += each
    console.log(`${each.toFixed(0).padStart(6)}  ${name}`)
  }
  const all = [...spent.values()].flat()
  const mean = (all.reduce((sum, one) => sum + one, 0) * spent.size) / all.length
  console.log(
    `${total.toFixed(0).padStart(6)}  altogether; ${mean.toFixed(0)} on average, with what is collected now and then`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
