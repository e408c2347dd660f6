import { createHash, sign, verify } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../src/domain/identifiers.ts'
import { checkXmlSignatures } from '../src/signature/formats/xmldsig.ts'
import { coversPacket } from '../src/signature/formats/xmldsig-coverage.ts'
import { signerOf } from '../src/signature/keys/signer.ts'
import { createSealer } from '../src/signature/seal/seal.ts'
import { verifyEnvelope } from '../src/signature/verify-envelope.ts'
import { fakeCa } from '../test/fakes/fake-ca.ts'
import type { PacketSignOptions } from '../test/fakes/sign-packet.ts'
import { signingAgency } from '../test/fakes/signing-agency.ts'
import { runMeasured } from './bench/child-memory.ts'
import { writeLargeDetached, writeLargePdf } from './bench/large-files.ts'
import { type Contest, contest } from './bench/timing.ts'

/*
 * npm run bench:signature [-- --small]
 *
 * What verifying and sealing a 10 KB envelope costs, in the cost of its bare RSA-2048 and SHA-256 operations (one value
 * verified, one made, the envelope hashed for each) by node:crypto in the same run, and the memory for a 200 MB PDF and a 500 MB attachment. Exit code 1 where a bar is
 * missed; --small leaves the large files out.
 */
const MOST = 3
const NS = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'
const MEBIBYTE = 1024 * 1024
/** MiB: windows that were read and not collected yet. It must not come near the length of a file. */
const MOST_GROWTH = 100
const TRAM = fileURLToPath(new URL('../src/bin/tram.mjs', import.meta.url))

/** A packet whose header has so many receivers. */
const packetOf = (receivers: number) =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<edXML:edXML xmlns:edXML="${NS}">
  <edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader Id="MessageHeader">
${Array.from({ length: receivers }, (_, n) => `    <edXML:To><edXML:OrganName>Ủy ban nhân dân xã Thử ${n}</edXML:OrganName></edXML:To>`).join('\n')}
  </edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope>
</edXML:edXML>
`)

const ca = fakeCa()
const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const { key, certificateChain } = agency.agency
const { publicKey } = certificateChain[0]!

/** Signed with as many receivers as 10 KiB have room for, or one more. */
function envelopeOf(options: PacketSignOptions): Uint8Array {
  let signed: Uint8Array = Buffer.alloc(0)
  for (let receivers = 1; signed.length < 10 * 1024; receivers++)
    signed = agency.signPacket(packetOf(receivers), 'agency', options)
  return signed
}

/** Enveloped, over the whole packet, with the whole path in KeyInfo. */
const signed = envelopeOf({ keyInfo: 'chain' })
/** As government signers do it: over parts of the packet by their Ids, with the signer's own certificate. */
const byIds = envelopeOf({ ids: ['MessageHeader'], keyInfo: 'named-leaf' })
const packet = packetOf(20)
const value = sign('sha256', packet, key)
const sealer = createSealer(signerOf(agency.agency))

const bareVerify = () => {
  createHash('sha256').update(signed).digest()
  return verify('sha256', packet.subarray(0, 600), publicKey, value)
}
const bareSign = () => {
  createHash('sha256').update(signed).digest()
  return sign('sha256', packet.subarray(0, 600), key)
}
const context = { trust: ca.trust, time: new Date() }
const sealNow = async () => {
  const digest = sha256(createHash('sha256').update(signed).digest('hex'))
  const object = { name: 'packet.edxml', mimeType: 'application/xml', sha256: digest }
  return sealer.seal([object], context.time)
}

const times = ({ name, bare, ours, ratio }: Contest): string =>
  `${name}: ${ours.toFixed(0)} µs, bare ${bare.toFixed(0)} µs: ${ratio.toFixed(2)} times`

function tell(one: Contest): boolean {
  const good = one.ratio <= MOST
  console.log(`${times(one)}, at most ${MOST}${good ? '' : ' MISSED'}`)
  return good
}

/** A run over a large file, beside one over a small file of the same kind: memory must not grow with the length. */
async function tellLarge(what: string, small: readonly string[], large: readonly string[], file: string) {
  // The first run compiles and caches the sources.
  await runMeasured([TRAM, ...small])
  const [few, many] = [await runMeasured([TRAM, ...small]), await runMeasured([TRAM, ...large])]
  const growth = many.peak === undefined || few.peak === undefined ? undefined : many.peak - few.peak
  const rate = (await stat(file)).size / MEBIBYTE / ((many.milliseconds - few.milliseconds) / 1000)
  const intact = /"overall":"intact"/.test(many.output)
  const good = intact && (growth ?? 0) < MOST_GROWTH
  console.log(
    `${what}: ${intact ? 'intact' : many.output.slice(0, 300)}, ${rate.toFixed(0)} MiB/s, ` +
      `${growth?.toFixed(1) ?? '?'} MiB more than for a small one (peak ${many.peak?.toFixed(0)})${good ? '' : ' MISSED'}`,
  )
  return good
}

async function largeFiles(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'tram-bench-'))
  const path = (name: string) => join(folder, name)
  try {
    await writeLargePdf(path('small.pdf'), 10_000, agency.agency)
    await writeLargePdf(path('large.pdf'), 200 * MEBIBYTE, agency.agency)
    const pdf = await tellLarge(
      '200 MB PDF',
      ['verify', path('small.pdf')],
      ['verify', path('large.pdf')],
      path('large.pdf'),
    )
    await writeLargeDetached(path('small.bin'), path('small.p7s'), 10_000, agency.agency)
    await writeLargeDetached(path('large.bin'), path('large.p7s'), 500 * MEBIBYTE, agency.agency)
    const job = (size: string) => [
      'verify',
      path(`${size}.p7s`),
      '--detached',
      `content=${path(`${size}.bin`)}`,
    ]
    return (await tellLarge('500 MB detached', job('small'), job('large'), path('large.bin'))) && pdf
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Nothing is weighed that does not verify. */
async function prove(envelope: Uint8Array): Promise<void> {
  const { findings } = await verifyEnvelope(envelope, context)
  const [one] = findings
  if (findings.length !== 1 || one?.state !== 'valid' || one.trust !== 'trusted')
    throw new Error(`the envelope does not verify: ${JSON.stringify(findings)}`)
}

const checkNow = () => checkXmlSignatures(signed, { coverage: coversPacket })
const verifyNow = () => verifyEnvelope(signed, context)

for (const one of [signed, byIds]) await prove(one)
const path = [...certificateChain, ...ca.trust.anchors.map(({ certificate }) => certificate)]
console.log(
  `an envelope of ${signed.length} bytes, RSA of ${publicKey.asymmetricKeyDetails?.modulusLength} bits`,
)
console.log(`a path of ${new Set(path).size} certificates; microseconds of processor time, and their ratio`)
// Each operation by itself, for whoever wants to know where the time goes.
console.log(times(await contest('its signature checked', 300, bareVerify, checkNow)))
console.log(times(await contest('verified, trust and policy and all', 300, bareVerify, verifyNow)))
const verifyByIds = () => verifyEnvelope(byIds, context)
console.log(times(await contest(`the same by Ids, ${byIds.length} bytes`, 300, bareVerify, verifyByIds)))
console.log(times(await contest('sealed', 60, bareSign, sealNow)))
const bareBoth = () => [bareVerify(), bareSign()]
const both = async () => [await verifyNow(), await sealNow()]
const results = [
  tell(await contest('verified and sealed', 60, bareBoth, both)),
  process.argv.includes('--small') || (await largeFiles()),
]
process.exitCode = results.every(Boolean) ? 0 : 1
