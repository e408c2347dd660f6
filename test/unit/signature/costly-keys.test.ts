import { createPublicKey, randomBytes } from 'node:crypto'
import t from 'tap'
import { keyFits } from '../../../src/signature/algorithms.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { checkXmlFile } from '../../../src/signature/formats/file-xml.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'
import { signXml, transform, x509Data } from '../../fakes/sign-xml.ts'
import { day, WORLD } from '../../fakes/validation-world.ts'

const RSA = { family: 'rsa', hash: 'sha256' } as const

/** A key of random bits: to verify with it costs what it would with a real one. */
function rsaKey(bits: number, exponent: Buffer) {
  const modulus = randomBytes(bits / 8)
  modulus[0]! |= 0x80
  modulus[modulus.length - 1]! |= 1
  return createPublicKey({
    key: { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') },
    format: 'jwk',
  })
}

t.test('RSA keys that only cost time are none', async (t) => {
  const usual = Buffer.from('010001', 'hex')
  t.equal(keyFits(RSA, rsaKey(4096, usual)), true)
  t.equal(keyFits(RSA, rsaKey(16384, usual)), false)
  t.equal(keyFits(RSA, rsaKey(2048, Buffer.alloc(8, 0xff))), false)
  t.equal(keyFits(RSA, rsaKey(2048, Buffer.of(1))), false)
})

t.test('tokens of all signatures of a document together are bounded', async (t) => {
  const token = makeToken(WORLD.tsa, {
    imprint: randomBytes(32),
    genTime: day('2026-01-10'),
    certificates: false,
  })
  const stamp = `<x:SignatureTimeStamp><x:EncapsulatedTimeStamp>${token.toString('base64')}</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>`
  const objects =
    `<ds:Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#"><x:UnsignedProperties>` +
    `<x:UnsignedSignatureProperties>${stamp.repeat(90)}</x:UnsignedSignatureProperties></x:UnsignedProperties>` +
    `</x:QualifyingProperties></ds:Object>`
  const one = signXml(
    WORLD.signer.key,
    [
      {
        uri: '',
        transforms: transform(
          'http://www.w3.org/TR/1999/REC-xpath-19991116',
          '<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>',
        ),
        octets: '<r>1</r>',
      },
    ],
    { keyInfo: x509Data(WORLD.signer.certificateChain[0]!.der), objects },
  )
  const found = await checkXmlFile(bytesSource(Buffer.from(`<r>1${one.repeat(40)}</r>`)), {})
  t.equal(found.length, 40)
  t.match(found[0], { state: 'valid' })
  t.equal(found[0]?.timestamps.length, 90)
  const last = found.at(-1)!
  t.not(last.state, 'valid')
  t.ok(last.checks.some(({ code }) => code === 'xml-too-costly'))
  t.ok(found.reduce((sum, { timestamps }) => sum + timestamps.length, 0) <= 1200)
})
