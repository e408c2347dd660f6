import { createHash } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { checkXmlFile } from '../../../src/signature/formats/file-xml.ts'
import type { Given } from '../../../src/signature/formats/given.ts'
import { checkFile } from '../../../src/signature/formats/index.ts'
import { checkXmlSignatures } from '../../../src/signature/formats/xmldsig.ts'
import { coversRoot } from '../../../src/signature/formats/xmldsig-coverage.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { signXml, transform, type XmlReference, type XmlSignOptions, x509Data } from '../../fakes/sign-xml.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const ENVELOPED = transform(`${DSIG}enveloped-signature`)
const EXC = transform('http://www.w3.org/2001/10/xml-exc-c14n#')
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const XPATH = 'http://www.w3.org/TR/1999/REC-xpath-19991116'
const FILTER_2 = 'http://www.w3.org/2002/06/xmldsig-filter2'

const ca = fakeCa()
const subject = [[NAME.commonName, 'Cơ quan Thử']] as const
const signer = issue({ subject, profile: 'signature' }, ca.issuing)
const other = issue({ subject, profile: 'signature' }, ca.issuing)
const elliptic = issue({ subject, profile: 'signature', key: 'p256' }, ca.issuing)
const certificate = signer.certificateChain[0]!
const keyInfo = x509Data(certificate.der)

const sign = (references: readonly XmlReference[], options: XmlSignOptions = {}) =>
  signXml(signer.key, references, { keyInfo, ...options })
const file = (xml: string | Uint8Array, given: Given = {}) =>
  checkXmlFile(bytesSource(Buffer.from(xml)), given)
const one = async (xml: string | Uint8Array, given: Given = {}) => (await file(xml, given))[0]!
const codes = ({ checks }: Awaited<ReturnType<typeof one>>) =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ code }) => code)
const sound = { state: 'valid', valueIntact: true, coverage: 'whole' }

/** A root with the signature as its last child. */
const enveloped = (transforms: string, octets = '<r><a>1</a></r>', extra = '') =>
  `<r><a>1</a>${extra}${sign([{ uri: '', transforms, octets }])}</r>`

const xpath = (text: string, filter?: string) =>
  filter === undefined
    ? transform(XPATH, `<ds:XPath>${text}</ds:XPath>`)
    : transform(FILTER_2, `<XPath xmlns="${FILTER_2}" Filter="${filter}">${text}</XPath>`)

t.test('enveloped, in every way of saying it', async (t) => {
  const ways = {
    enveloped: ENVELOPED,
    'and canonicalised': ENVELOPED + EXC,
    'twice canonicalised': ENVELOPED + transform(C14N) + transform('http://www.w3.org/2006/12/xml-c14n11'),
    XPath: xpath('not(ancestor-or-self::ds:Signature)'),
    'XPath with here()': xpath(
      'count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) &gt; count(ancestor-or-self::ds:Signature)',
    ),
    'filter 2': xpath(`//*[namespace-uri()='${DSIG}']`, 'subtract'),
    'filter 2 with here()': xpath('here()/ancestor::ds:Signature[1]', 'subtract'),
  }
  for (const [name, transforms] of Object.entries(ways))
    t.match(await one(enveloped(transforms)), sound, name)
})

t.test('here() is nowhere in another document', async (t) => {
  const beside = new Map([['b.xml', bytesSource(Buffer.from('<b/>'))]])
  const transforms = xpath('here()/ancestor::ds:Signature[1]', 'subtract')
  const found = await one(sign([{ uri: 'b.xml', transforms, octets: '<b></b>' }]), { detached: beside })
  t.match(found, { state: 'unverifiable', references: [{ intact: null }] })
  t.match(codes(found), ['transform-refused'])
})

t.test('what a filter leaves out is not covered', async (t) => {
  const both = xpath('//a', 'subtract') + xpath(`/descendant::*[local-name()='Signature']`, 'subtract')
  t.match(await one(enveloped(both, '<r></r>')), { state: 'valid', coverage: 'part' })
  const only = xpath(' //a ', 'intersect')
  t.match(await one(enveloped(only, '<a>1</a>')), { state: 'valid', coverage: 'part' })
})

t.test('transforms that are refused by name', async (t) => {
  const refused = {
    XPath: xpath('self::node()'),
    'XPath that only looks right': xpath('not(ancestor-or-self::Signature)'),
    union: xpath('//a', 'union'),
    XSLT: transform('http://www.w3.org/TR/1999/REC-xslt-19991116'),
    'no transform at all': transform('urn:x'),
    'an XPath axis that is left out': xpath('//a/following::*', 'subtract'),
  }
  for (const [name, transforms] of Object.entries(refused)) {
    const found = await one(enveloped(transforms))
    t.match(found, { state: 'unverifiable', valueIntact: true, references: [{ intact: null }] }, name)
    t.ok(codes(found).includes('transform-refused'), name)
  }
  const hmac = await one(
    `<r>${sign([{ uri: '', transforms: ENVELOPED, octets: '<r></r>' }], { method: `${DSIG}hmac-sha1` })}</r>`,
  )
  t.match(hmac, { state: 'unverifiable', valueIntact: null, references: [{ intact: true }] })
  t.ok(codes(hmac).includes('algorithm-refused'))
})

t.test('enveloping: the objects are the document', async (t) => {
  const objects = `<ds:Object Id="o"><x>1</x></ds:Object>`
  const octets = `<ds:Object xmlns:ds="${DSIG}" Id="o"><x>1</x></ds:Object>`
  t.match(await one(sign([{ uri: '#o', octets }], { objects })), sound)
  t.match(
    await one(sign([{ uri: '#o', octets }], { objects: `${objects}<ds:Object>more</ds:Object>` })),
    { state: 'valid', coverage: 'part' },
    'an object beside it',
  )
  const base64 = { objects: '<ds:Object Id="o">aGVs\nbG8=</ds:Object>' }
  const decoded = { uri: '#o', transforms: transform(`${DSIG}base64`), octets: 'hello' }
  t.match(await one(sign([decoded], base64)), sound, 'base64')
  for (const uri of ["#xpointer(id('o'))", '#xpointer(id(&quot;o&quot;))'])
    t.match(await one(sign([{ uri, octets }], { objects })), sound, uri)
})

t.test('a reference to the whole keeps comments only where an xpointer asks for them', async (t) => {
  const withComments = ENVELOPED + transform(`${C14N}#WithComments`)
  const text = (uri: string, octets: string) =>
    `<r><!--c-->${sign([{ uri, transforms: withComments, octets }])}</r>`
  t.match(await one(text('', '<r></r>')), sound)
  t.match(await one(text('#xpointer(/)', '<r><!--c--></r>')), sound)
})

t.test('objects beside the file', async (t) => {
  const given = (name: string, text: string): Given => ({
    detached: new Map([[name, bytesSource(Buffer.from(text))]]),
  })
  const over = (uri: string, transforms?: string, octets = 'xin chào') =>
    sign([{ uri, octets, ...(transforms !== undefined && { transforms }) }])
  const cases: [string, string, string][] = [
    ['a.txt', 'a.txt', 'as written'],
    ['./a.txt', 'a.txt', 'in this folder'],
    ['v%C4%83n%20b%E1%BA%A3n.txt', 'văn bản.txt', 'percent-encoded'],
    ['cid:a', 'a', 'by its Content-ID'],
    ['http://example.org/a', 'http://example.org/a', 'given under its whole URI'],
  ]
  for (const [uri, name, what] of cases)
    t.match(await one(over(uri), given(name, 'xin chào')), { state: 'valid', valueIntact: true }, what)
  t.match(await one(over('a.txt'), given('a.txt', 'khác')), {
    state: 'invalid',
    references: [{ intact: false }],
  })
  const canonical = over('a.xml', EXC, '<a b="1"></a>')
  t.match(await one(canonical, given('a.xml', "<?xml version='1.0'?><a  b='1'/>")), { state: 'valid' })
  t.match(await one(canonical, given('a.xml', '<!DOCTYPE a><a b="1"/>')), { state: 'unverifiable' })
  t.strictSame(codes(await one(over('a.txt'))).slice(0, 1), ['content-detached'])
  t.strictSame(codes(await one(over('https://example.org/a'))).slice(0, 1), ['reference-external'])
  const unnamed = sign([{ octets: 'xin chào' }])
  t.match(await one(unnamed, given('whatever', 'xin chào')), { state: 'valid' }, 'the one without a name')
})

t.test('a large object is read in a stream', async (t) => {
  const length = 40 * 1024 * 1024
  let most = 0
  const source = {
    length,
    read: async (start: number, end: number) => {
      most = Math.max(most, end - start)
      return Buffer.alloc(end - start, 0x61)
    },
  }
  const digest = createHash('sha256')
  for (let at = 0; at < length; at += 1 << 20) digest.update(Buffer.alloc(1 << 20, 0x61))
  const text = sign([{ uri: 'big', octets: '' }]).replace(
    createHash('sha256').update('').digest('base64'),
    digest.digest('base64'),
  )
  t.match(await one(text, { detached: new Map([['big', source]]) }), {
    references: [{ uri: 'big', intact: true }],
  })
  t.ok(most <= 1 << 20)
})

t.test('keys', async (t) => {
  const octets = '<r><a>1</a></r>'
  const by = (info: string | undefined, key = signer.key, value?: (v: Buffer) => Buffer) =>
    `<r><a>1</a>${signXml(key, [{ uri: '', transforms: ENVELOPED, octets }], {
      ...(info !== undefined && { keyInfo: info }),
      ...(value && { value }),
    })}</r>`
  const { n, e } = signer.certificateChain[0]!.publicKey.export({ format: 'jwk' })
  const plain = (text?: string) => Buffer.from(text ?? '', 'base64url').toString('base64')
  const bare = `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${plain(n)}</ds:Modulus><ds:Exponent>${plain(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`
  const alone = await one(by(bare))
  t.match(alone, { state: 'unverifiable', valueIntact: true, references: [{ intact: true }] })
  t.equal(alone.signer, undefined, 'nobody signs with a bare key')
  t.match(codes(alone), ['certificate-missing'])

  t.match(await one(by(undefined), { key: certificate }), {
    ...sound,
    signer: { sha256: certificate.sha256 },
  })
  t.match(await one(by(undefined), { key: certificate.publicKey }), { valueIntact: true })
  t.match(
    await one(by(keyInfo), { key: other.certificateChain[0]! }),
    { state: 'invalid', valueIntact: false },
    "the key that is given counts, not the attacker's",
  )
  t.match(codes(await one(by(keyInfo), { key: elliptic.certificateChain[0]! })), ['key-mismatch'])

  const ecInfo = x509Data(elliptic.certificateChain[0]!.der)
  const pad = (value: Buffer) =>
    Buffer.concat([Buffer.of(0), value.subarray(0, 32), Buffer.of(0), value.subarray(32)])
  t.match(await one(by(ecInfo, elliptic.key)), sound, 'ECDSA')
  t.match(await one(by(ecInfo, elliptic.key, pad)), sound, 'ECDSA with zeros before its numbers')
  const chain = [...ca.issuing.certificateChain, certificate].map(({ der }) => x509Data(der)).join('')
  t.match(await one(by(chain)), { signer: { sha256: certificate.sha256 } }, 'the leaf, wherever it stands')
  const twice = by(keyInfo).replace('</ds:X509Certificate>', '<!----></ds:X509Certificate>')
  t.match(codes(await one(twice)), ['certificate-unusable'], 'nothing hides in a certificate')
})

t.test('all facts are told, whatever fails', async (t) => {
  const text = enveloped(ENVELOPED)
  const spoiled = await one(text.replace('<a>1</a>', '<a>2</a>'))
  t.match(spoiled, { state: 'invalid', valueIntact: true, references: [{ uri: '', intact: false }] })
  const value = /<ds:SignatureValue>(.)/.exec(text)!
  const wrong = await one(text.replace(value[0], `<ds:SignatureValue>${value[1] === 'A' ? 'B' : 'A'}`))
  t.match(wrong, { state: 'invalid', valueIntact: false, references: [{ uri: '', intact: true }] })
  const two = `<r><a Id="a">1</a>${sign([
    { uri: '#a', octets: '<a Id="a">1</a>' },
    { uri: '#b', octets: '' },
    { uri: '', transforms: xpath('1'), octets: '' },
  ])}</r>`
  t.match(await one(two), { references: [{ intact: true }, { intact: false }, { intact: null }] })
})

t.test('an Id that stands twice is refused where it is asked for, and nowhere else', async (t) => {
  const text = (id: string) =>
    `<r><a Id="a">1</a><b id="${id}"/>${sign([{ uri: '#a', octets: '<a Id="a">1</a>' }])}</r>`
  t.match(codes(await one(text('a'))), ['reference-ambiguous'])
  t.match(await one(text('b')), { state: 'valid', coverage: 'part' })
})

t.test('encodings: generic XML in what it declares, a packet in UTF-8 alone', async (t) => {
  const text = enveloped(ENVELOPED, '<r><a>1</a>é</r>', 'é')
  const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 'latin1')
  const wide = Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${text}`, 'utf16le')
  for (const bytes of [latin, wide, Buffer.from(wide).swap16()]) {
    t.match(await checkFile(bytesSource(bytes)), { kind: 'xmldsig', signatures: [sound] })
    t.match(checkXmlSignatures(bytes, { coverage: coversRoot }), [{ state: 'unverifiable' }])
  }
  const lying = Buffer.from(`<?xml version="1.0" encoding="UTF-7"?>${text}`)
  t.match(codes(await one(lying)), ['xml-encoding'])
})
