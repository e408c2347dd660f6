import { createHash } from 'node:crypto'
import t from 'tap'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { verifySignatures } from '../../../src/signature/finding.ts'
import { checkXmlFile } from '../../../src/signature/formats/file-xml.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'
import { signXml, transform, type XmlReference, x509Data } from '../../fakes/sign-xml.ts'
import { day, TRUST, WORLD } from '../../fakes/validation-world.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const XADES = 'http://uri.etsi.org/01903/v1.3.2#'
/** The signer's certificate has ended: only a proof from before could help. */
const LATE = day('2029-01-01')
const THEN = day('2026-01-10')
/** What a TSA once stamped for somebody else, as it stands in public. */
const PUBLIC = Buffer.from('một văn bản cũ của người khác')

const tokenOver = (octets: Uint8Array | string) =>
  makeToken(WORLD.tsa, { imprint: createHash('sha256').update(octets).digest(), genTime: THEN }).toString(
    'base64',
  )
const stamp = (name: string, before: string, octets: Uint8Array | string) =>
  `<x:${name}>${before}<x:EncapsulatedTimeStamp>${tokenOver(octets)}</x:EncapsulatedTimeStamp></x:${name}>`

const DECOY = `<ds:Object Id="old">${PUBLIC.toString('base64')}</ds:Object>`
const DECODED = `<ds:Transforms>${transform(`${DSIG}base64`)}</ds:Transforms>`
const signer = WORLD.signer.certificateChain[0]!
const CANONICAL = `<ds:Object xmlns:ds="${DSIG}" Id="old">${PUBLIC.toString('base64')}</ds:Object>`
const NOTHING = `<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="intersect">id('none')</f:XPath></ds:Transform></ds:Transforms>`

/** A forger's signature of today, with unsigned properties that he likes. */
function forged(unsigned: (value: string) => string): string {
  const references: XmlReference[] = [
    { uri: '', transforms: transform(`${DSIG}enveloped-signature`), octets: '<r><a>1</a></r>' },
  ]
  const mark = '<ds:Object>@</ds:Object>'
  const plain = signXml(WORLD.signer.key, references, {
    id: 's',
    keyInfo: x509Data(signer.der),
    objects: `${DECOY}${mark}`,
  })
  const value = /<ds:SignatureValue.*<\/ds:SignatureValue>/
    .exec(plain)![0]
    .replace('<ds:SignatureValue', `<ds:SignatureValue xmlns:ds="${DSIG}"`)
  const properties =
    `<ds:Object><x:QualifyingProperties xmlns:x="${XADES}" Target="#s"><x:UnsignedProperties>` +
    `<x:UnsignedSignatureProperties>${unsigned(value)}</x:UnsignedSignatureProperties></x:UnsignedProperties>` +
    `</x:QualifyingProperties></ds:Object>`
  return `<r><a>1</a>${plain.replace(mark, () => properties)}</r>`
}

async function judged(xml: string) {
  const checked = await checkXmlFile(bytesSource(Buffer.from(xml)), {})
  const { findings } = await verifySignatures('x', checked, { trust: TRUST, time: LATE })
  return findings[0]!
}

const REFERENCES = `<x:CompleteCertificateRefs Id="refs"></x:CompleteCertificateRefs>`
const REFERENCES_CANONICAL = `<x:CompleteCertificateRefs xmlns:ds="${DSIG}" xmlns:x="${XADES}" Id="refs"></x:CompleteCertificateRefs>`

t.test('a timestamp over the value proves it', async (t) => {
  const finding = await judged(forged((value) => stamp('SignatureTimeStamp', '', value)))
  t.match(finding, { indication: 'TOTAL_PASSED' })
  const named = await judged(
    forged((value) => stamp('SignatureTimeStamp', '<x:HashDataInfo uri="#s-value"></x:HashDataInfo>', value)),
  )
  t.match(named, { indication: 'TOTAL_PASSED' }, 'named as XAdES 1.1.1 does')
  const included = await judged(
    forged((value) => stamp('SignatureTimeStamp', '<x:Include URI="#s-value"></x:Include>', value)),
  )
  t.match(included, { indication: 'TOTAL_PASSED' }, 'included')
})

const BORROWED: Readonly<Record<string, (value: string) => string>> = {
  'HashDataInfo over a decoy': () =>
    stamp('SignatureTimeStamp', `<x:HashDataInfo uri="#old">${DECODED}</x:HashDataInfo>`, PUBLIC),
  'HashDataInfo of an archive timestamp over a decoy': () =>
    stamp('ArchiveTimeStamp', `<x:HashDataInfo uri="#old">${DECODED}</x:HashDataInfo>`, PUBLIC),
  'HashDataInfo over the value, of which nothing is left': () =>
    stamp(
      'SignatureTimeStamp',
      `<x:HashDataInfo uri="#old">${DECODED}</x:HashDataInfo><x:HashDataInfo uri="#s-value">${NOTHING}</x:HashDataInfo>`,
      PUBLIC,
    ),
  'Include of a decoy': () => stamp('SignatureTimeStamp', '<x:Include URI="#old"></x:Include>', CANONICAL),
  'Include of a decoy, with references': () =>
    stamp('SigAndRefsTimeStamp', '<x:Include URI="#old"></x:Include>', CANONICAL),
  'over references alone': () => REFERENCES + stamp('RefsOnlyTimeStamp', '', REFERENCES_CANONICAL),
}

for (const [name, unsigned] of Object.entries(BORROWED))
  t.test(`borrowed: ${name}`, async (t) => {
    const finding = await judged(forged(unsigned))
    t.match(finding, { state: 'valid' }, 'the signature itself fits')
    t.not(finding.indication, 'TOTAL_PASSED')
    t.equal(finding.provenTime, undefined, 'proves no time')
  })
