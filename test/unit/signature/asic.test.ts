import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { ZipFile } from 'yazl'
import { issue } from '../../../scripts/issue-certificate.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'
import { asicContainer } from '../../../src/signature/asic.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import type { CheckedSignature } from '../../../src/signature/checks.ts'
import { checkAsic, looksLikeAsic } from '../../../src/signature/formats/asic.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import { createSealer } from '../../../src/signature/seal/seal.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { tokenOver } from '../../fakes/fake-tsa.ts'
import { makeCms } from '../../fakes/make-cms.ts'
import { leastWorkTime } from '../../support/work-time.ts'

const ca = fakeCa()
const by = issue({ subject: [['2.5.4.3', 'Trục liên thông']], profile: 'signature', key: 'p256' }, ca.issuing)
const tsa = issue({ subject: [['2.5.4.3', 'TSA thử nghiệm']], profile: 'timestamp', key: 'p256' }, ca.issuing)
const MIME = 'application/vnd.etsi.asic-e+zip'
const HASH = 'http://www.w3.org/2001/04/xmlenc#sha256'

type Files = Readonly<Record<string, Uint8Array | string>>
const text = (content: Uint8Array | string) => Buffer.from(content)

async function zip(files: Files, stored = false): Promise<Buffer> {
  const out = new ZipFile()
  for (const [name, content] of Object.entries(files))
    out.addBuffer(text(content), name, { compress: name !== 'mimetype' && !stored })
  out.end()
  return buffer(out.outputStream as Readable)
}

const objects: Files = { 'công văn số 1.txt': 'Nội dung công văn', 'phụ lục.txt': 'Nội dung phụ lục' }
const single: Files = { 'công văn số 1.txt': 'Nội dung công văn' }
const check = async (bytes: Uint8Array): Promise<CheckedSignature[]> => checkAsic(bytesSource(bytes))
const facts = ({ state, coverage, references, documentTimestamp }: CheckedSignature) => ({
  state,
  coverage,
  intact: references.map(({ intact }) => intact),
  timestamp: documentTimestamp === true,
})

const digest = (content: Uint8Array | string) => createHash('sha256').update(text(content)).digest('base64')
const manifest = (signature: string, files: Files): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<asic:SigReference URI="${signature}" MimeType="application/pkcs7-signature"/>
${Object.entries(files)
  .map(
    ([name, content]) =>
      `<asic:DataObjectReference URI="${encodeURIComponent(name)}"><ds:DigestMethod Algorithm="${HASH}"/><ds:DigestValue>${digest(content)}</ds:DigestValue></asic:DataObjectReference>`,
  )
  .join('\n')}
</asic:ASiCManifest>`

const cades = (content: Uint8Array | string) => makeCms(text(content), [{ by }], { detached: true })
const withManifest = (files: Files, named: Files = files): Files => {
  const written = manifest('META-INF/signature001.p7s', named)
  return {
    mimetype: MIME,
    ...files,
    'META-INF/ASiCManifest001.xml': written,
    'META-INF/signature001.p7s': cades(written),
  }
}

t.test('ASiC-E with XAdES: what the gateway itself gives out', async (t) => {
  const sealed = Object.entries(objects).map(([name, content]) => ({
    name,
    mimeType: 'text/plain',
    sha256: sha256(createHash('sha256').update(text(content)).digest('hex')),
  }))
  const seal = await createSealer(signerOf(by)).seal(sealed, new Date())
  const container = (contents: Files) =>
    buffer(
      asicContainer(
        Object.entries(contents).map(([name, content]) => ({
          name,
          mimeType: 'text/plain',
          open: () => Readable.from([text(content)]),
        })),
        seal,
      ),
    )
  const [sound] = await check(await container(objects))
  t.match(sound && facts(sound), { state: 'valid', coverage: 'whole' })
  const [changed] = await check(await container({ ...objects, 'phụ lục.txt': 'Nội dung khác' }))
  t.equal(changed?.state, 'invalid')
  const [missing] = await check(await container(single))
  t.equal(missing?.state, 'invalid', 'an object was taken out')
  const [more] = await check(await container({ ...objects, 'thêm.txt': 'thêm' }))
  t.match(more && facts(more), { state: 'valid', coverage: 'part' }, 'an object was put in')
})

t.test('ASiC-E with CAdES over a manifest', async (t) => {
  t.match((await check(await zip(withManifest(objects)))).map(facts), [
    { state: 'valid', coverage: 'whole', intact: [true, true, true] },
  ])
  const changed = withManifest({ ...objects, 'phụ lục.txt': 'Nội dung khác' }, objects)
  t.match((await check(await zip(changed))).map(facts), [{ state: 'invalid', intact: [true, true, false] }])
  const missing = withManifest(single, objects)
  t.match((await check(await zip(missing))).map(facts), [{ state: 'invalid', intact: [true, true, false] }])
  const part = withManifest(objects, single)
  t.match((await check(await zip(part))).map(facts), [{ state: 'valid', coverage: 'part' }])
  const other = {
    ...withManifest(objects),
    'META-INF/ASiCManifest001.xml': manifest('META-INF/signature001.p7s', single),
  }
  t.match(
    (await check(await zip(other))).map(facts),
    [{ state: 'invalid', coverage: 'part' }],
    'another manifest',
  )
  const two = {
    ...withManifest(objects),
    'META-INF/ASiCManifest002.xml': manifest('META-INF/signature001.p7s', single),
  }
  t.match(
    (await check(await zip(two))).map(facts),
    [{ state: 'unverifiable' }],
    'two manifests for one signature',
  )
  const none = Object.fromEntries(
    Object.entries(withManifest(objects)).filter(([name]) => !/Manifest/.test(name)),
  )
  t.match((await check(await zip(none))).map(facts), [{ state: 'unverifiable' }], 'no manifest')
})

t.test('ASiC-S with CAdES and with a timestamp', async (t) => {
  const [name, content] = Object.entries(single)[0]!
  const signed = { ...single, 'META-INF/signature.p7s': cades(content) }
  t.match(await check(await zip(signed)), [
    {
      state: 'valid',
      coverage: 'whole',
      references: [{ uri: name, intact: true }],
      id: 'META-INF/signature.p7s#0',
    },
  ])
  t.match((await check(await zip({ ...signed, [name]: 'khác' }))).map(facts), [{ state: 'invalid' }])
  t.match((await check(await zip({ ...signed, 'thêm.txt': 'thêm' }))).map(facts), [{ state: 'unverifiable' }])
  const inside = makeCms(text('nội dung của chữ ký khác'), [{ by }])
  t.match(
    (await check(await zip({ ...single, 'META-INF/signature.p7s': inside }))).map(facts),
    [{ state: 'unverifiable' }],
    'a sound signature over its own content says nothing of the object',
  )
  const stamped = { ...single, 'META-INF/timestamp.tst': tokenOver(text(content), tsa) }
  t.match((await check(await zip(stamped))).map(facts), [
    { state: 'valid', coverage: 'whole', timestamp: true },
  ])
  const [broken] = await check(await zip({ ...stamped, [name]: 'khác' }))
  t.match(broken && facts(broken), { state: 'invalid', timestamp: true })
})

t.test('an archive manifest with its timestamp', async (t) => {
  const files = withManifest(objects)
  const covered = Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'mimetype'))
  const written = manifest('META-INF/timestamp001.tst', covered)
  const all = {
    ...files,
    'META-INF/ASiCArchiveManifest001.xml': written,
    'META-INF/timestamp001.tst': tokenOver(text(written), tsa),
  }
  t.match((await check(await zip(all))).map(facts), [
    { state: 'valid', coverage: 'whole', timestamp: false },
    { state: 'valid', coverage: 'whole', timestamp: true },
  ])
})

t.test('files that readers could see in different ways', async (t) => {
  const honest = await zip(withManifest(objects), true)
  const refused = async (bytes: Uint8Array, name: string) => {
    const found = await check(bytes)
    t.ok(found.length > 0 && found.every(({ state }) => state === 'unverifiable'), name)
  }
  const twice = Buffer.from(
    honest.toString('latin1').replaceAll('ASiCManifest001', 'signature001.p7'),
    'latin1',
  )
  await refused(Buffer.from(twice), 'a-manifest-under-another-name')
  const at = honest.lastIndexOf('META-INF/ASiCManifest001.xml')
  const central = Buffer.from(honest)
  central.write('META-INF/ASiCManifest002.xml', at)
  await refused(central, 'a-name-in-the-directory-of-another-entry')
  await refused(Buffer.concat([honest, Buffer.from('thêm')]), 'bytes-after-the-end')
  await refused(honest.subarray(0, honest.length - 30), 'cut-off')
  const first = honest.indexOf(Buffer.from('504b0102', 'hex'))
  const hidden = Buffer.concat([
    honest.subarray(0, first),
    Buffer.alloc(100, '%PDF-'),
    honest.subarray(first),
  ])
  hidden.writeUInt32LE(first + 100, hidden.length - 6)
  await refused(hidden, 'bytes-before-the-directory')
  const duplicate = Buffer.from(
    (await zip({ ...withManifest(objects), 'META-INF/ASiCManifest00a.xml': 'x' }))
      .toString('latin1')
      .replaceAll('ASiCManifest00a', 'ASiCManifest001'),
    'latin1',
  )
  await refused(duplicate, 'a-name-twice')
  const path = Buffer.from(
    (await zip({ ...withManifest(objects), 'aa/b.txt': 'x' }))
      .toString('latin1')
      .replaceAll('aa/b.txt', '../b.txt'),
    'latin1',
  )
  await refused(path, 'a-path-out-of-the-container')
})

t.test('a bomb is refused before it is unpacked', async (t) => {
  const bomb = await zip({
    mimetype: MIME,
    ...single,
    'to.bin': Buffer.alloc(300 * 1024 * 1024),
    'META-INF/signature.p7s': 'x',
  })
  const { result, cpu } = await leastWorkTime(500, () => check(bomb))
  t.match(result, [{ state: 'unverifiable' }])
  t.ok(cpu < 500, `${Math.round(cpu)} ms`)
})

t.test('other ZIP files hold no signatures', async (t) => {
  const plain = await zip({ 'word/document.xml': '<a/>', 'META-INF/MANIFEST.MF': 'x' })
  t.same(await check(plain), [])
  t.ok(looksLikeAsic(plain))
  t.same(await check(Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(100)])), [])
  t.notOk(looksLikeAsic(Buffer.from('%PDF-')))
})

t.test('what the source throws goes through', async (t) => {
  const bytes = await zip(withManifest(objects))
  let reads = 0
  const failing = {
    length: bytes.length,
    read: async (start: number, end: number) => {
      if (reads++ > 4) throw new Error('đĩa hỏng')
      return bytes.subarray(start, end)
    },
  }
  await t.rejects(checkAsic(failing), /đĩa hỏng/)
})
