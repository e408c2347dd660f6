import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { XmlC14NMode, XmlDocument, XmlElement } from 'libxml2-wasm'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'
import { checkXmlSignatures } from '../../../src/signature/formats/xmldsig.ts'
import { coversNamedObjects } from '../../../src/signature/formats/xmldsig-coverage.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import {
  archiveImprint,
  newestToken,
  sealLevelOf,
  signatureTimestampInput,
  withArchiveTimestamp,
  withSignatureTimestamp,
  withTimestampMaterial,
  withValidationData,
} from '../../../src/signature/seal/extend.ts'
import { ASIC, DSIG, XADES, XADES_141 } from '../../../src/signature/seal/names.ts'
import { createSealer } from '../../../src/signature/seal/seal.ts'
import { NO_MATERIAL } from '../../../src/signature/validation-material.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCrl } from '../../fakes/fake-crl.ts'
import { ocspResponseFor } from '../../fakes/fake-ocsp.ts'
import { tokenOver } from '../../fakes/fake-tsa.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'
import { toPem } from '../../support/pem.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ca = fakeCa()
const named = (commonName: string) => [[NAME.commonName, commonName]] as const
const tsa = issue({ subject: named('TSA'), profile: 'timestamp', key: 'p256' }, ca.issuing)
const gateway = issue({ subject: named('Trục & <thử>'), profile: 'signature', key: 'p256' }, ca.issuing)
const issuing = ca.issuing.certificateChain[0]!
const own = gateway.certificateChain[0]!
const stamps = tsa.certificateChain[0]!

const contents = [Buffer.from('<edXML/>\n'), Buffer.alloc(200_000, 'ý')]
const objects = ['packet.edxml', 'attachment-001.pdf'].map((name, index) => ({
  name,
  mimeType: 'application/octet-stream',
  sha256: sha256(createHash('sha256').update(contents[index]!).digest('hex')),
}))
const octets = contents.map(
  (content) =>
    async function* () {
      for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536)
    },
)

const sealed = await createSealer(signerOf(gateway)).seal(objects, new Date())
const material = {
  seal: {
    certificates: [issuing],
    crls: [makeCrl(ca.root)],
    ocsps: [ocspResponseFor(own, issuing, { responder: ca.issuing })],
  },
  timestamp: { certificates: [stamps], crls: [makeCrl(ca.issuing)], ocsps: [] },
}

const stamped = withSignatureTimestamp(sealed, tokenOver(signatureTimestampInput(sealed), tsa))
const longTerm = withValidationData(stamped, material)
const archiveOf = async (seal: Uint8Array) =>
  withArchiveTimestamp(seal, makeToken(tsa, { imprint: await archiveImprint(seal, octets) }))
const archived = await archiveOf(longTerm)
const renewed = await archiveOf(withTimestampMaterial(archived, material.timestamp))

/** Elements of a seal in the canonical form that libxml2 gives each by itself. */
function canonical(seal: Uint8Array, xpath: string): string[] {
  const document = XmlDocument.fromBuffer(seal)
  try {
    const names = { ds: DSIG, xades: XADES, xades141: XADES_141, asic: ASIC }
    return document.find(xpath, names).map((node) => {
      if (!(node instanceof XmlElement)) throw new Error(`${xpath} is no element`)
      return node.canonicalizeToString({ mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 })
    })
  } finally {
    document.dispose()
  }
}

t.test('each level is one above the other, and keeps every byte of the one before', async (t) => {
  const levels = [sealed, stamped, longTerm, archived, renewed]
  t.same(levels.map(sealLevelOf), ['B-B', 'B-T', 'B-LT', 'B-LTA', 'B-LTA'])
  for (const [index, seal] of levels.slice(1).entries()) {
    const [before, after] = [Buffer.from(levels[index]!).toString(), Buffer.from(seal).toString()]
    let at = 0
    while (before[at] === after[at]) at++
    t.equal(after.slice(0, at) + after.slice(at + after.length - before.length), before)
  }
  t.same(newestToken(stamped), newestToken(longTerm))
  t.equal(newestToken(sealed), undefined)
  t.not(
    Buffer.from(newestToken(renewed)!).toString('hex'),
    Buffer.from(newestToken(archived)!).toString('hex'),
  )
})

t.test('what timestamps stand over is what libxml2 says that it is', async (t) => {
  t.same([Buffer.from(signatureTimestampInput(sealed)).toString()], canonical(sealed, '//ds:SignatureValue'))
  for (const seal of [longTerm, withTimestampMaterial(archived, material.timestamp)]) {
    const expected = createHash('sha256')
    for (const content of contents) expected.update(content)
    const parts = ['//xades:SignedProperties', '//ds:SignedInfo', '//ds:SignatureValue', '//ds:KeyInfo']
    for (const xpath of [...parts, '//xades:UnsignedSignatureProperties/*'])
      for (const text of canonical(seal, xpath)) expected.update(text)
    t.equal(Buffer.from(await archiveImprint(seal, octets)).toString('hex'), expected.digest('hex'))
  }
})

t.test('a level cannot be left out, put on twice, or put on something else', async (t) => {
  const token = tokenOver(Buffer.from('x'), tsa)
  t.throws(() => withSignatureTimestamp(stamped, token), RangeError)
  t.throws(() => withValidationData(sealed, material), RangeError)
  t.throws(() => withValidationData(longTerm, material), RangeError)
  t.throws(() => withArchiveTimestamp(stamped, token), RangeError)
  t.throws(() => withTimestampMaterial(longTerm, NO_MATERIAL), RangeError)
  const text = Buffer.from(sealed).toString()
  const foreign = {
    'no XML': 'không phải XML',
    'two signatures': text.replace(/<ds:Signature [\s\S]*<\/ds:Signature>/, '$&$&'),
    'another prefix': text.replaceAll('ds:', 'dsig:'),
    'a comment with a mark': text.replace('<ds:KeyInfo>', '<!--<ds:KeyInfo>--><ds:KeyInfo>'),
  }
  for (const [what, xml] of Object.entries(foreign))
    t.throws(() => withSignatureTimestamp(Buffer.from(xml), token), RangeError, what)
})

t.test('no archive timestamp is put over other objects than those that were sealed', async (t) => {
  await t.rejects(archiveImprint(longTerm, octets.slice(0, 1)), RangeError)
  await t.rejects(archiveImprint(longTerm, [...octets].reverse()), RangeError)
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield contents[0]!
    throw new Error('đĩa hỏng')
  }
  await t.rejects(archiveImprint(longTerm, [broken, octets[1]!]), { message: 'đĩa hỏng' })
})

t.test('our own verifier finds every timestamp over what it should stand over', async (t) => {
  const octetsOf = (uri: string) => contents[objects.findIndex(({ name }) => name === uri)]
  const check = (seal: Uint8Array) =>
    checkXmlSignatures(seal, {
      coverage: coversNamedObjects(objects.map(({ name }) => name)),
      external: (uri, hash) => createHash(hash).update(octetsOf(uri)!).digest(),
      externalBytes: octetsOf,
    })
  const [found] = check(renewed)
  t.match(found, { state: 'valid', valueIntact: true, coverage: 'whole' })
  t.same(
    found!.timestamps.map(({ kind, imprintMatch, intact }) => ({ kind, imprintMatch, intact })),
    ['signature', 'archive', 'archive'].map((kind) => ({ kind, imprintMatch: true, intact: true })),
  )
  t.equal(found!.material.crls.length, 2)
  t.equal(found!.material.ocsps.length, 1)
  const swapped = Buffer.from(
    Buffer.from(renewed)
      .toString()
      .replace(
        Buffer.from(newestToken(renewed)!).toString('base64'),
        Buffer.from(newestToken(archived)!).toString('base64'),
      ),
  )
  t.same(
    check(swapped)[0]!.timestamps.map(({ imprintMatch }) => imprintMatch),
    [true, true, false],
    'a token over something else is seen',
  )
})

const has = (program: string): boolean => {
  try {
    execFileSync(program, [program === 'openssl' ? 'version' : '--version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

const succeeds = (cwd: string, program: string, args: string[]): boolean => {
  try {
    execFileSync(program, args, { cwd, stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

t.test(
  'xmlsec1 verifies the signature at every level',
  { skip: has('xmlsec1') ? false : 'no xmlsec1' },
  async (t) => {
    const folder = await temporaryFolder(t)
    for (const [index, { name }] of objects.entries()) writeFileSync(join(folder, name), contents[index]!)
    writeFileSync(join(folder, 'root.pem'), toPem([ca.root.certificateChain[0]!.der]))
    const id = ['--id-attr:Id', `${XADES}:SignedProperties`]
    const trust = ['--trusted-pem', 'root.pem', '--untrusted-pem', 'issuing.pem']
    writeFileSync(join(folder, 'issuing.pem'), toPem([issuing.der]))
    const verify = (seal: Uint8Array) => {
      writeFileSync(join(folder, 'seal.xml'), seal)
      return succeeds(folder, 'xmlsec1', ['--verify', ...trust, ...id, 'seal.xml'])
    }
    for (const seal of [sealed, stamped, longTerm, archived, renewed]) t.ok(verify(seal), sealLevelOf(seal))
    t.notOk(verify(Buffer.from(Buffer.from(renewed).toString().replace('octet-stream', 'octet-strean'))))
  },
)

t.test(
  'openssl verifies both kinds of timestamp over their octets',
  { skip: has('openssl') ? false : 'no openssl' },
  async (t) => {
    const folder = await temporaryFolder(t)
    writeFileSync(join(folder, 'root.pem'), toPem([ca.root.certificateChain[0]!.der]))
    writeFileSync(join(folder, 'issuing.pem'), toPem([issuing.der]))
    const verify = (token: Uint8Array, digest: Uint8Array) => {
      writeFileSync(join(folder, 'token'), token)
      const over = ['-digest', Buffer.from(digest).toString('hex'), '-in', 'token', '-token_in']
      return succeeds(folder, 'openssl', [
        'ts',
        '-verify',
        ...over,
        '-CAfile',
        'root.pem',
        '-untrusted',
        'issuing.pem',
      ])
    }
    const digest = createHash('sha256').update(canonical(stamped, '//ds:SignatureValue')[0]!).digest()
    t.ok(verify(newestToken(stamped)!, digest))
    t.ok(verify(newestToken(archived)!, await archiveImprint(longTerm, octets)))
    t.notOk(verify(newestToken(archived)!, digest))
  },
)
