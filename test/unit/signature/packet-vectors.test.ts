import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { verifyContent } from '../../../src/cli/verify-file.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import type { CheckedSignature } from '../../../src/signature/checks.ts'
import { checkXmlSignatures, checkXmlTree } from '../../../src/signature/formats/xmldsig.ts'
import { coversPacket } from '../../../src/signature/formats/xmldsig-coverage.ts'
import type { TrustStore } from '../../../src/signature/trust-store.ts'
import type { Certificate } from '../../../src/signature/x509/certificate.ts'
import { readCertificates } from '../../../src/signature/x509/pem.ts'
import { readPlainXml } from '../../../src/xml/plain-read.ts'
import { packetVectors } from '../../fakes/packet-vectors.ts'

const VECTORS = resolve('test/vectors')
const check = (bytes: Uint8Array) => checkXmlSignatures(bytes, { coverage: coversPacket })
const failures = (all: readonly CheckedSignature[]) =>
  all.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === 'failed').map(({ code }) => code))

const read = (folder: string): [name: string, bytes: Buffer][] =>
  readdirSync(join(VECTORS, folder)).map((name) => [name, readFileSync(join(VECTORS, folder, name))])

t.test('the profile of government signers', async (t) => {
  for (const [name, bytes] of read('valid/signature')) {
    const checked = check(bytes)
    t.ok(checked.length > 0, name)
    for (const one of checked) {
      t.match(one, { state: 'valid', valueIntact: true, coverage: 'whole', strong: true }, name)
      t.ok(one.signer !== undefined && one.references.every(({ intact }) => intact === true), name)
      if (one.claimedSigningTime === undefined) continue
      const claimed = new Date(one.claimedSigningTime)
      t.ok(
        one.signer!.notBefore <= claimed && claimed < one.signer!.notAfter,
        `${name}: the time that is claimed`,
      )
    }
  }
  const [person, agency] = check(readFileSync(join(VECTORS, 'valid/signature/person-then-agency.edxml')))
  t.equal(person?.references.length, 5)
  t.match(person?.references[0]?.uri, /-time$/, 'the property with the time is first')
  t.equal(person?.claimedSigningTime, '2026-03-02T01:00:00.000Z')
  t.equal(person?.embedded.length, 1, 'the leaf alone')
  t.not(person?.signer?.sha256, agency?.signer?.sha256)
})

t.test('what became of them in wrong hands, by its reason', async (t) => {
  for (const [name, bytes] of read('invalid/signature')) {
    const checked = check(bytes)
    const sound = checked.filter(({ state, coverage }) => state === 'valid' && coverage === 'whole')
    t.ok(sound.length < checked.length, name)
    t.ok(failures(checked).includes(name.slice(0, name.indexOf('--'))), `${name}: ${failures(checked)}`)
  }
})

t.test('a packet that was read before is judged as its bytes are', async (t) => {
  let plain = 0
  for (const [name, bytes] of [...read('valid/signature'), ...read('invalid/signature')]) {
    const tree = readPlainXml(bytes)
    if (tree === undefined) continue
    plain += 1
    t.strictSame(checkXmlTree(tree, { coverage: coversPacket }), check(bytes), name)
  }
  t.ok(plain > 15, `${plain} of them`)
})

t.test('the command line judges them as they are judged where they are taken in', async (t) => {
  const certificates = read('authorities').flatMap(([, pem]) => readCertificates(pem))
  const isRoot = (one: Certificate) => one.x509.subject === one.x509.issuer
  const trust: TrustStore = {
    anchors: certificates
      .filter(isRoot)
      .map((certificate) => ({ certificate, purposes: new Set(['signature'] as const) })),
    intermediates: certificates.filter((one) => !isRoot(one)),
  }
  const verified = (bytes: Uint8Array) =>
    verifyContent(bytesSource(bytes), { detached: new Map(), trust, time: new Date('2026-12-01T00:00:00Z') })
  for (const [name, bytes] of read('valid/signature')) {
    const { overall, signatures } = await verified(bytes)
    t.equal(overall, 'intact', name)
    for (const one of signatures)
      t.match(one, { coversWholeDocument: true, indication: 'TOTAL_PASSED' }, `${name} ${one.id}`)
  }
  for (const [name, bytes] of read('invalid/signature'))
    t.not((await verified(bytes)).overall, 'intact', name)
})

t.test('fresh ones are judged the same', async (t) => {
  const { valid, invalid } = packetVectors()
  for (const [name, text] of Object.entries(valid))
    t.ok(
      check(Buffer.from(text)).every(({ state }) => state === 'valid'),
      name,
    )
  for (const [name, text] of Object.entries(invalid))
    t.ok(failures(check(Buffer.from(text))).includes(name.slice(0, name.indexOf('--'))), name)
})

t.test('the authorities of the vectors can be read', async (t) => {
  for (const [name, pem] of read('authorities')) t.equal(readCertificates(pem).length, 2, name)
})
