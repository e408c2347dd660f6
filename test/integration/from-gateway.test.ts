import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import t from 'tap'
import { makeCa } from '../../scripts/make-certs.ts'
import { listUnnamedBlobs } from '../../src/db/blobs-in-use.ts'
import { findDocument } from '../../src/db/documents.ts'
import { recordGateway } from '../../src/directory/clients.ts'
import type { Hop } from '../../src/domain/axis/hop.ts'
import { agencyCode, sha256 } from '../../src/domain/identifiers.ts'
import { type SealedObject, sealedObjects } from '../../src/domain/sealed-objects.ts'
import type { FromGateway } from '../../src/intake/submission.ts'
import { verifyAgain } from '../../src/intake/verify-again.ts'
import { takeEvidence } from '../../src/receipts/evidence.ts'
import { documentTimeline } from '../../src/receipts/timeline.ts'
import { signerOf } from '../../src/signature/keys/signer.ts'
import type { SigningKey } from '../../src/signature/keys/signing-key.ts'
import { createSealer } from '../../src/signature/seal/seal.ts'
import { makePdf } from '../fakes/make-pdf.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { handIn } from '../support/hand-in.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { unzip } from '../support/unzip.ts'

const gateway = await testGateway(t)
const { api } = gateway
const { pool } = api
const [HOME, AWAY] = ['H90', 'H91']
const city = signingAgency({ ca: gateway.ca, name: 'Thành phố Thử nghiệm', code: AWAY })
const PDF = makePdf(['CÔNG VĂN'])

let serial = 0
const packet = () => {
  serial += 1
  const documentId = `${AWAY},2026/11/20,${serial}/UBND`
  const attachments = [{ name: 'cv.pdf', type: 'application/pdf', bytes: PDF }]
  return documentPacket({ from: AWAY, to: [HOME], documentId, attachments })
}

/** What the other gateway knows of the packet, once it has taken it in itself. */
function objectsOf(bytes: Uint8Array): SealedObject[] {
  const digest = (content: Uint8Array) => sha256(createHash('sha256').update(content).digest('hex'))
  const attachment = { contentId: 'x', name: 'cv.pdf', sniffedType: 'application/pdf', length: PDF.length }
  return sealedObjects(digest(bytes), [{ ...attachment, sha256: digest(PDF) }])
}

const sealBy = async (key: SigningKey, bytes: Uint8Array, at = new Date()) =>
  createSealer(signerOf(key)).seal(objectsOf(bytes), at)

const from = (beside: Partial<FromGateway>): { fromGateway: FromGateway } => ({
  fromGateway: { name: 'truc-thanh-pho', agency: agencyCode(AWAY), hops: [], ...beside },
})

const HOPS: Hop[] = [{ organId: 'TRAM-H91', timestamp: '2026/11/22 06:00:00' }]

t.test('a seal of the gateway that hands it in is verified, kept and shown', async (t) => {
  const bytes = await packet()
  const seal = await sealBy(city.agency, bytes)
  const { claims, warnings } = await handIn(gateway, AWAY, bytes, from({ seal, hops: HOPS }))
  t.strictSame(warnings, [])
  const document = await findDocument(pool, claims.document)
  t.match(document, { cameBy: 'truc-thanh-pho', hops: HOPS, clientId: callerOf(AWAY).clientId })
  t.match(document?.signatureReport.gatewaySeal, {
    where: 'gateway-seal',
    state: 'valid',
    trust: 'trusted',
    signerName: 'Thành phố Thử nghiệm',
  })
  t.equal(claims.legalValue, 'reference-only', 'it proves the way, and is nobody’s signature of the document')
  const { recipients } = await documentTimeline(pool, claims.document)
  t.match(recipients[0]?.entries[0]?.detail, { cameBy: 'truc-thanh-pho', hops: HOPS })
  const kept = document?.gatewaySeal
  t.strictSame(kept && (await listUnnamedBlobs(pool, [kept])), [], 'no sweep takes it away')
  const again = await verifyAgain({ ...api, most: api.packetLimits.packetBytes }, claims.document)
  t.match(again, { same: true, report: { gatewaySeal: { state: 'valid', trust: 'trusted' } } })
  const caller = { clientId: 'auditor', role: 'auditor', agency: null } as const
  for (const content of [true, false]) {
    const taken = await takeEvidence(api, { caller, document: claims.document, content, facts: {} })
    const files = await unzip(await drained(taken.open()))
    const path = [...files.keys()].find((name) => name.endsWith('evidence/gateway-seal.xml'))
    t.ok(
      path !== undefined && files.get(path)?.equals(Buffer.from(seal)),
      `kept as it came: ${[...files.keys()]}`,
    )
  }
})

t.test('without a seal it is taken, and the sender is told', async (t) => {
  const { warnings, claims } = await handIn(gateway, AWAY, await packet(), from({}))
  t.match(warnings, [{ code: 'gateway-seal-missing' }])
  t.match(await findDocument(pool, claims.document), { gatewaySeal: null, cameBy: 'truc-thanh-pho' })
})

const foreignCa = makeCa()
const REFUSED: readonly (readonly [reason: string, made: (bytes: Uint8Array) => Promise<Uint8Array>])[] = [
  ['does-not-fit', async () => sealBy(city.agency, await packet())],
  ['does-not-fit', async () => Buffer.from('<a')],
  ['too-large', async () => Buffer.alloc(5_000_000, 0x20)],
  [
    'not-relied-on',
    (bytes) =>
      sealBy(signingAgency({ ca: foreignCa, name: 'Thành phố Thử nghiệm', code: AWAY }).agency, bytes),
  ],
  [
    'another',
    (bytes) => sealBy(signingAgency({ ca: gateway.ca, name: 'Tỉnh Thử nghiệm', code: HOME }).agency, bytes),
  ],
]

t.test('a seal that does not hold refuses the packet, and nothing of it is kept', async (t) => {
  const bytes = await packet()
  for (const [reason, made] of REFUSED)
    await t.rejects(
      handIn(gateway, AWAY, bytes, from({ seal: await made(bytes) })),
      { code: 'gateway-seal-invalid', faults: [{ code: `gateway-seal-${reason}` }] },
      reason,
    )
  const seal = Buffer.from(await sealBy(city.agency, bytes))
  const cut = seal.toString().replace(/<ds:Reference Id="[^"]*-r1".*?<\/ds:Reference>/, '')
  await t.rejects(handIn(gateway, AWAY, bytes, from({ seal: Buffer.from(cut) })), {
    code: 'gateway-seal-invalid',
  })
  const { replayed } = await handIn(gateway, AWAY, bytes, from({ seal }))
  t.notOk(replayed, 'the same packet with its right seal is taken')
})

t.test(
  'a seal by a certificate that is registered for the gateway’s agency counts under any name',
  async (t) => {
    const device = signingAgency({ ca: gateway.ca, name: 'Trục liên thông 07', code: 'TRUC-07' }).agency
    const bytes = await packet()
    const seal = await sealBy(device, bytes)
    await t.rejects(handIn(gateway, AWAY, bytes, from({ seal })), {
      code: 'gateway-seal-invalid',
      faults: [{ code: 'gateway-seal-another' }],
    })
    const { der } = device.certificateChain[0]!
    const value = {
      sha256: sha256(createHash('sha256').update(der).digest('hex')),
      der: Buffer.from(der).toString('base64'),
    }
    const since = { validFrom: '2020-01-01', validTo: null }
    await recordFacts(pool, [{ subject: agencyCode(AWAY), kind: 'certificate', value, ...since }])
    t.match(await handIn(gateway, AWAY, bytes, from({ seal })), { warnings: [] })
  },
)

t.test('a packet that has been here, or too far, is refused by name', async (t) => {
  const own = { api: { ...api, traceId: 'TRAM-H90' } }
  const hop = (organId: string, second = 0): Hop => ({
    organId,
    timestamp: `2026/11/22 06:00:${String(second).padStart(2, '0')}`,
  })
  const beside = await packet()
  await t.rejects(handIn(own, AWAY, beside, from({ hops: [hop('TRAM-H91'), hop('tram-h90 ')] })), {
    code: 'packet-looped',
    detail: { en: /TRAM-H91 → tram-h90/ },
  })
  const traced = async (organId: string) => {
    const plain = (await packet()).toString()
    const list = `<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>${organId}</edXML:OrganId><edXML:Timestamp>2026/11/22 05:00:00</edXML:Timestamp></edXML:TraceHeader>`
    return Buffer.from(plain.replace('<edXML:TraceHeaderList>', list))
  }
  await t.rejects(handIn(own, AWAY, await traced('TRAM-H90')), { code: 'packet-looped' })
  const isAgency = { api: { ...api, traceId: AWAY } }
  t.ok(await handIn(isAgency, AWAY, await traced(AWAY)), 'what the sender itself writes is no hop')
  await t.rejects(handIn(isAgency, AWAY, await traced(AWAY), from({})), { code: 'packet-looped' })
  const many = (count: number) => Array.from({ length: count }, (_, at) => hop(`TRUC-${at}`, at))
  await t.rejects(handIn(own, AWAY, await packet(), from({ hops: many(17) })), { code: 'packet-looped' })
  const far = await handIn(own, AWAY, await traced('TRUC-15'), from({ hops: many(15) }))
  const { hops = [] } = (await findDocument(pool, far.claims.document)) ?? {}
  t.equal(hops.length, 16, 'TraceHeaders and hops beside the packet together')
})

const SAMPLES = new URL('../../../shared/samples/', import.meta.url)
const FOLDERS = ['edxml-from-axis', 'edxml-official', 'edxml-variants', 'edxml-built']

t.test(
  'nothing that the national axis hands over honestly is refused',
  { skip: !existsSync(SAMPLES) },
  async (t) => {
    const caller = await recordGateway(pool, 'truc-quoc-gia')
    const samples = FOLDERS.flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, SAMPLES))
        .filter((name) => name.endsWith('.edxml'))
        .map((name) => ({ name, bytes: readFileSync(new URL(`${folder}/${name}`, SAMPLES)) })),
    )
    await openWhoever(samples.map(({ bytes }) => bytes))
    for (const { name, bytes } of samples) {
      const beside = { caller, serves: () => true, brokenSignatures: 'report' as const }
      const { claims } = await handIn(gateway, '', bytes, beside)
      t.equal(claims.legalValue, 'reference-only', `${name}: no signature of it can hold`)
      t.not(claims.envelopeSignature, 'valid', name)
      const { hops = [] } = (await findDocument(pool, claims.document)) ?? {}
      t.ok(
        hops.every(({ organId }) => organId !== 'null'),
        `${name}: who is called null is nobody`,
      )
    }
    t.ok(samples.length > 15)
  },
)

/** Puts everybody whom samples name into the directory: they name agencies of their time. */
async function openWhoever(packets: readonly Buffer[]): Promise<void> {
  const named = packets.flatMap((bytes) => [
    ...bytes.toString().matchAll(/<(?:\w+:)?OrganId>\s*([^<\s]+)\s*</g),
  ])
  const codes = new Set(named.map(([, code]) => code!).filter((code) => code !== 'null'))
  const facts = [...codes].flatMap((code) => agencyFacts({ code }))
  await recordFacts(pool, facts)
}

/** The archive's stream is one of the old kind, which newer readers take for broken off. */
const drained = (stream: Readable): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })
