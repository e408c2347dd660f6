import * as asn1js from 'asn1js'
import fc from 'fast-check'
import t from 'tap'
import {
  boolean,
  context,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../../src/signature/der-writer.ts'

const hex = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString('hex')

t.test('what is written is what another encoder writes', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000, size: 'max' }), (bytes) => {
      const theirs = new asn1js.OctetString({ valueHex: new Uint8Array(bytes).buffer }).toBER()
      return hex(octetString(bytes)) === hex(theirs)
    }),
    { numRuns: 50 },
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 160n }), (value) => {
      const digits = value.toString(16)
      const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
      return hex(integer(octets)) === hex(asn1js.Integer.fromBigInt(value).toBER())
    }),
  )
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), (value) => {
      return hex(integer(value)) === hex(asn1js.Integer.fromBigInt(BigInt(value)).toBER())
    }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 2),
      fc.nat({ max: 39 }),
      fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 8 }),
      (first, second, rest) => {
        const value = [first, second, ...rest].join('.')
        return hex(oid(value)) === hex(new asn1js.ObjectIdentifier({ value }).toBER())
      },
    ),
  )
  t.equal(hex(oid('2.999.3161.1')), '060588379859' + '01')
})

t.test('structures hold what was put in, sets in the order of their octets', async (t) => {
  t.equal(hex(sequence(boolean(true), integer(0))), '30060101ff020100')
  t.equal(hex(setOf(integer(3), integer(1), integer(2))), '3109020101020102020103')
  t.equal(hex(context(1, integer(128))), 'a10402020080')
  t.equal(hex(integer(Buffer.of(0, 0, 0x80))), '02020080', 'no more leading zeros than needed')
})
