import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { fromBuffer, type ZipFile } from 'yauzl'
import { issue } from '../../../scripts/issue-certificate.ts'
import { agencyCode, deliveryKey, documentKey, sha256 } from '../../../src/domain/identifiers.ts'
import type { AcceptanceReceipt } from '../../../src/domain/receipt.ts'
import { asicContainer } from '../../../src/signature/asic.ts'
import { objectUris, safeNames } from '../../../src/signature/container-names.ts'
import type { SigningKey } from '../../../src/signature/keys/load-key.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import { signReceipt, verifyReceipt } from '../../../src/signature/receipt-jws.ts'
import { createSealer } from '../../../src/signature/seal/seal.ts'
import { verifySeal } from '../../../src/signature/verify-seal.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { leastWorkTime } from '../../support/work-time.ts'

const ca = fakeCa()
const context = { trust: ca.trust, time: new Date() }
const subject = [
  [NAME.organization, 'Trục liên thông'],
  [NAME.commonName, 'Trục liên thông'],
] as const
const keys: Record<string, SigningKey> = {
  'RSA-2048': issue({ subject, profile: 'signature' }, ca.issuing),
  'P-256': issue({ subject, profile: 'signature', key: 'p256' }, ca.issuing),
}

const contents: Record<string, Buffer> = {
  'packet.edxml': Buffer.from('<edXML/>\n'),
  'Công văn số 12 & "phụ lục".pdf': Buffer.from('%PDF-1.7 thử'),
  'attachment-002.bin': Buffer.alloc(100_000, 'x'),
}
const objects = Object.entries(contents).map(([name, content]) => ({
  name,
  mimeType: name.endsWith('.pdf') ? 'application/pdf' : 'application/octet-stream',
  sha256: sha256(createHash('sha256').update(content).digest('hex')),
}))
const entries = objects.map(({ name, mimeType }) => ({
  name,
  mimeType,
  length: contents[name]!.length,
  open: () => Readable.from([contents[name]!]),
}))

async function unzip(bytes: Buffer): Promise<{ name: string; method: number; content: Buffer }[]> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  )
  const found: { name: string; method: number; content: Buffer }[] = []
  return new Promise((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', () => resolve(found))
    zip.on('entry', (entry) =>
      zip.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error)
        found.push({ name: entry.fileName, method: entry.compressionMethod, content: await buffer(stream) })
        zip.readEntry()
      }),
    )
    zip.readEntry()
  })
}

for (const [name, key] of Object.entries(keys)) {
  t.test(`a seal with ${name}`, async (t) => {
    const time = new Date('2026-03-02T01:02:03.456Z')
    const seal = await createSealer(signerOf(key)).seal(objects, time)
    t.match(await verifySeal(seal, objects, context), [
      { where: 'seal', state: 'valid', trust: 'trusted', claimedSigningTime: '2026-03-02T01:02:03Z' },
    ])
    const [first, ...others] = objects
    const altered = [{ ...first!, sha256: objects[1]!.sha256 }, ...others]
    t.match(await verifySeal(seal, altered, context), [{ state: 'invalid' }], 'other content')
    t.match(await verifySeal(seal, others, context), [{ state: 'invalid' }], 'an object is missing')
    const more = [...objects, { ...first!, name: 'more.bin' }]
    t.match(
      await verifySeal(seal, more, context),
      [{ state: 'valid', trust: 'not-checked' }],
      'an object is not sealed',
    )
    const later = Buffer.from(Buffer.from(seal).toString().replace('2026-03-02T', '2026-03-03T'))
    t.match(await verifySeal(later, objects, context), [{ state: 'invalid' }], 'time changed')
  })

  t.test(`xmlsec1 accepts the container sealed with ${name}, and no tampered copy`, async (t) => {
    try {
      execFileSync('xmlsec1', ['--version'])
    } catch {
      t.pass('skipped', { skip: 'xmlsec1 is not installed' })
      return
    }
    const folder = mkdtempSync(join(tmpdir(), 'tram-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const container = await buffer(
      asicContainer(entries, await createSealer(signerOf(key)).seal(objects, new Date())),
    )
    const unzipped = await unzip(container)
    for (const one of unzipped) writeFileSync(join(folder, one.name.replace('META-INF/', '')), one.content)
    writeFileSync(join(folder, 'root.pem'), ca.root.certificateChain[0]!.x509.toString())
    const verify = (): boolean => {
      try {
        const id = ['--id-attr:Id', 'http://uri.etsi.org/01903/v1.3.2#:SignedProperties']
        const signature = 'signatures001.xml'
        execFileSync('xmlsec1', ['--verify', '--trusted-pem', 'root.pem', ...id, signature], {
          cwd: folder,
          stdio: 'pipe',
        })
        return true
      } catch {
        return false
      }
    }
    t.ok(verify())
    for (const file of [...safeNames(Object.keys(contents)), 'signatures001.xml']) {
      const path = join(folder, file)
      const sound = readFileSync(path)
      const tampered = file.endsWith('.xml')
        ? sound.toString().replace('application/pdf', 'application/xdf')
        : `${sound}.`
      writeFileSync(path, tampered)
      t.notOk(verify(), `${file} tampered with`)
      writeFileSync(path, sound)
    }
    t.ok(verify())
  })
}

t.test('an ASiC-E container: mimetype first and stored, then the objects, then META-INF', async (t) => {
  const unzipped = await unzip(await buffer(asicContainer(entries, Buffer.from('<x/>'))))
  t.strictSame(
    unzipped.map(({ name }) => name),
    ['mimetype', ...safeNames(Object.keys(contents)), 'META-INF/manifest.xml', 'META-INF/signatures001.xml'],
  )
  t.match(unzipped[0], { method: 0, content: Buffer.from('application/vnd.etsi.asic-e+zip') })
  t.ok(unzipped[3]?.content.equals(contents['attachment-002.bin']!))
  t.match(unzipped.at(-2)?.content.toString(), /full-path="Công văn số 12 &amp; _phụ lục_\.pdf"/)
})

t.test('an entry that cannot be read fails the container', async (t) => {
  const broken = {
    ...entries[0]!,
    open: () =>
      new Readable({
        read() {
          this.destroy(new Error('disk'))
        },
      }),
  }
  await t.rejects(buffer(asicContainer([broken], Buffer.from('<x/>'))), /disk/)
})

t.test('a reader who goes away closes the entry that is open', async (t) => {
  const endless = new Readable({
    read() {
      this.push(randomBytes(65_536))
    },
  })
  const container = asicContainer([{ name: 'a', mimeType: 'x/y', open: () => endless }], Buffer.from('<x/>'))
  await once(container, 'readable')
  const closed = once(endless, 'close')
  container.destroy()
  await closed
  t.ok(endless.destroyed)
})

t.test('names are safe, unique and agree with their URIs, whatever they were', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 })), (names) => {
      const safe = safeNames(names)
      const folded = new Set(safe.map((name) => name.toLowerCase()))
      return (
        folded.size === names.length &&
        safe.every((name) => name !== '' && !/[/\\\p{Cc}]|^\.|^mimetype$|^meta-inf$/iu.test(name)) &&
        safe.every((name) => Buffer.byteLength(name) <= 180) &&
        objectUris(names).every((uri, index) => decodeURIComponent(uri) === safe[index] && !uri.includes('/'))
      )
    }),
  )
  t.strictSame(
    safeNames(['../../etc/passwd', 'C:\\x\\a.pdf', 'A.PDF', 'mimetype', 'META-INF', '', '..', 'con.txt']),
    ['passwd', 'a.pdf', 'A (2).PDF', '_mimetype', '_META-INF', 'unnamed', 'unnamed (2)', '_con.txt'],
  )
})

t.test('keys that may not seal, and nothing to seal', async (t) => {
  t.throws(() => createSealer(signerOf(issue({ subject, profile: 'signature', key: 'rsa-1024' }))), /2048/)
  await t.rejects(createSealer(signerOf(keys['P-256']!)).seal([], new Date()), RangeError)
})

const receipt: AcceptanceReceipt = {
  event: 'SubmissionAcceptance',
  document: documentKey('0195-thu'),
  edxmlDocumentId: null,
  sender: agencyCode('H99'),
  recipients: [{ agency: agencyCode('H99.01'), delivery: deliveryKey('0196-thử') }],
  withdrawn: [],
  asked: [],
  packetSha256: objects[0]!.sha256,
  packetLength: 9,
  attachments: [{ contentId: 'tep-1', name: 'Công văn.pdf', sha256: objects[1]!.sha256 }],
  envelopeSignature: 'absent',
  legalValue: 'reference-only',
  acceptedAt: '2026-03-02T01:02:03.000Z',
}

for (const [name, key] of Object.entries(keys)) {
  t.test(`a receipt signed with ${name}`, async (t) => {
    const jws = await signReceipt(receipt, signerOf(key))
    const verified = await verifyReceipt(jws, context)
    t.strictSame(verified.receipt, receipt)
    t.equal(verified.trust, 'trusted')
    t.equal((await verifyReceipt(jws, { ...context, trust: fakeCa().trust })).trust, 'untrusted')
    const [header, payload, value] = jws.split('.') as [string, string, string]
    const decoded = JSON.parse(Buffer.from(header, 'base64url').toString())
    t.equal(decoded.alg, name === 'P-256' ? 'ES256' : 'PS256')
    const other = Buffer.from(JSON.stringify({ ...receipt, packetLength: 10 })).toString('base64url')
    await t.rejects(verifyReceipt(`${header}.${other}.${value}`, context))
    const none = Buffer.from(JSON.stringify({ ...decoded, alg: 'none' })).toString('base64url')
    await t.rejects(verifyReceipt(`${none}.${payload}.`, context))
    const hmac = Buffer.from(JSON.stringify({ ...decoded, alg: 'HS256' })).toString('base64url')
    await t.rejects(verifyReceipt(`${hmac}.${payload}.${value}`, context))
    await t.rejects(verifyReceipt('x', context))
  })
}

t.test('a seal is fast enough for the hot path', async (t) => {
  const sealer = createSealer(signerOf(keys['P-256']!))
  const { cpu } = await leastWorkTime(1_000, async () => {
    for (let count = 0; count < 50; count++) await sealer.seal(objects, new Date())
  })
  t.comment(`${(cpu / 50).toFixed(2)} ms a seal`)
  t.ok(cpu / 50 < 20)
})
