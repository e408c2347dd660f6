import { createHash } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { checkXmlFile } from '../../../src/signature/formats/file-xml.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'
import { signXml, transform, type XmlReference, type XmlSignOptions, x509Data } from '../../fakes/sign-xml.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const ENVELOPED = transform(`${DSIG}enveloped-signature`)
const XADES = 'http://uri.etsi.org/01903/v1.3.2#'

const ca = fakeCa()
const subject = [[NAME.commonName, 'Cơ quan Thử']] as const
const signer = issue({ subject, profile: 'signature' }, ca.issuing)
const other = issue({ subject, profile: 'signature' }, ca.issuing)
const certificate = signer.certificateChain[0]!
const keyInfo = x509Data(certificate.der)

const sign = (references: readonly XmlReference[], options: XmlSignOptions = {}) =>
  signXml(signer.key, references, { keyInfo, ...options })
const file = (xml: string | Uint8Array) => checkXmlFile(bytesSource(Buffer.from(xml)), {})
const one = async (xml: string | Uint8Array) => (await file(xml))[0]!
const codes = ({ checks }: Awaited<ReturnType<typeof one>>) =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ code }) => code)
const sound = { state: 'valid', valueIntact: true, coverage: 'whole' }

const properties = (inside: string, more = '') =>
  `<x:QualifyingProperties xmlns:x="${XADES}" Target="#s"><x:SignedProperties Id="p"><x:SignedSignatureProperties>` +
  `<x:SigningTime>2026-03-02T08:00:00+07:00</x:SigningTime>${inside}</x:SignedSignatureProperties></x:SignedProperties>` +
  `${more}</x:QualifyingProperties>`

/** A XAdES signature; `unsigned` is made from its value. */
function xades(inside: string, unsigned: (value: string) => string = () => '') {
  const wrapped = properties(inside)
  const signed = /<x:SignedProperties.*<\/x:SignedProperties>/.exec(wrapped)![0]
  const octets = signed.replace(
    '<x:SignedProperties ',
    `<x:SignedProperties xmlns:ds="${DSIG}" xmlns:x="${XADES}" `,
  )
  const references = [
    { uri: '', transforms: ENVELOPED, octets: '<r><a>1</a></r>' },
    { uri: '#p', type: 'http://uri.etsi.org/01903#SignedProperties', octets },
  ]
  const plain = sign(references, { id: 's', objects: `<ds:Object>${wrapped}</ds:Object>` })
  const value = /<ds:SignatureValue.*<\/ds:SignatureValue>/
    .exec(plain)![0]
    .replace('<ds:SignatureValue', `<ds:SignatureValue xmlns:ds="${DSIG}"`)
  const added = unsigned(value)
  const more = `<x:UnsignedProperties><x:UnsignedSignatureProperties>${added}</x:UnsignedSignatureProperties></x:UnsignedProperties>`
  const text =
    added === '' ? plain : plain.replace('</x:QualifyingProperties>', `${more}</x:QualifyingProperties>`)
  return `<r><a>1</a>${text}</r>`
}

const certDigest = (der: Uint8Array) =>
  `<x:SigningCertificateV2><x:Cert><x:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>` +
  `<ds:DigestValue>${createHash('sha256').update(der).digest('base64')}</ds:DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2>`

t.test('XAdES: time, certificate, evidence', async (t) => {
  t.match(await one(xades(certDigest(certificate.der))), {
    ...sound,
    claimedSigningTime: '2026-03-02T08:00:00+07:00',
  })
  const swapped = await one(xades(certDigest(other.certificateChain[0]!.der)))
  t.match(swapped, { state: 'unverifiable', valueIntact: true })
  t.match(codes(swapped), ['certificate-mismatch'])
  const issuing = ca.issuing.certificateChain[0]!
  const values = `<x:CertificateValues><x:EncapsulatedX509Certificate>${Buffer.from(issuing.der).toString('base64')}</x:EncapsulatedX509Certificate></x:CertificateValues>`
  const found = await one(xades('', () => values))
  t.ok(found.material.certificates.some(({ sha256 }) => sha256 === issuing.sha256))
  const moved = xades('').replace('<ds:Object>', '<ds:Object><w>').replace('</ds:Object>', '</w></ds:Object>')
  t.match(codes(await one(moved)), ['reference-position'], 'properties that were moved aside')
})

t.test('XAdES: timestamps, each over what it should', async (t) => {
  const tsa = issue({ subject, profile: 'timestamp' }, ca.issuing)
  const stamp = (octets: string) => {
    const imprint = createHash('sha256').update(octets).digest()
    const der = makeToken(tsa, { imprint, genTime: new Date('2026-03-02T01:00:05Z') })
    return `<x:SignatureTimeStamp><x:EncapsulatedTimeStamp>${der.toString('base64')}</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>`
  }
  // Inclusive canonicalisation brings the namespaces in scope along.
  const fits = await one(xades('', (value) => stamp(value)))
  t.match(fits.timestamps, [{ kind: 'signature', imprintMatch: true, intact: true }])
  t.equal(fits.timestamps[0]?.genTime?.toISOString(), '2026-03-02T01:00:05.000Z')
  const copied = await one(xades('', () => stamp('another value')))
  t.match(copied, { state: 'valid', timestamps: [{ imprintMatch: false, intact: true }] })
  const junk = await one(
    xades(
      '',
      () =>
        '<x:SignatureTimeStamp><x:EncapsulatedTimeStamp>AAAA</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>',
    ),
  )
  t.match(junk.timestamps, [{ intact: false }])
})

t.test('countersignatures: over the value, or not at all', async (t) => {
  const counter = (octets: string, uri: string) =>
    `<x:CounterSignature>${signXml(other.key, [{ uri, octets }], { keyInfo: x509Data(other.certificateChain[0]!.der) })}</x:CounterSignature>`
  const [signature, over] = await file(xades('', (value) => counter(value, '#s-value')))
  t.match(signature, sound)
  t.match(over, { state: 'valid', counterSignature: true, coverage: 'unknown' })
  const [, beside] = await file(xades('', () => counter('<a>1</a>', '')))
  t.match(beside, { state: 'invalid', counterSignature: true })
})
