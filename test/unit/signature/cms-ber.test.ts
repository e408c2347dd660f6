import fc from 'fast-check'
import t from 'tap'
import { integer, octetString, oid, sequence, tlv } from '../../../src/signature/der-writer.ts'
import {
  BerError,
  childrenOf,
  integerOf,
  octetsOf,
  oidOf,
  readBer,
} from '../../../src/signature/formats/ber.ts'
import { derOf } from '../../../src/signature/formats/ber-der.ts'
import { dateOf, fractionOf } from '../../../src/signature/formats/ber-time.ts'
import { indefinite } from '../../fakes/make-cms.ts'
import { workTime } from '../../support/work-time.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const isRefused = (bytes: Uint8Array): boolean => {
  try {
    readBer(bytes)
    return false
  } catch (error) {
    if (error instanceof BerError) return true
    throw error
  }
}

t.test('lengths', (t) => {
  for (const [bytes, length] of [
    ['0403010203', 5],
    ['048103010203', 6],
    ['0484000000030102030405', 9],
    ['040001', 2],
    ['30800401ff0000ff', 7],
    ['308030800000000000', 8],
  ] as const)
    t.equal(readBer(hex(bytes)).raw.length, length, bytes)
  for (const bytes of [
    '',
    '04',
    '0402ff',
    '0481',
    '04810201',
    '3080',
    '30800401ff00',
    '048000',
    '0488ffffffffffffffff',
    '04ff01',
  ])
    t.ok(isRefused(hex(bytes)), bytes)
  t.end()
})

t.test('a child does not reach beyond its parent', (t) => {
  const inner = readBer(hex('3003040501' + '02030405'))
  t.throws(() => childrenOf(inner), /not BER/)
  const open = readBer(hex('30023080' + '0000'))
  t.throws(() => childrenOf(open), /not BER/, 'nor does an indefinite one')
  t.end()
})

t.test('values', (t) => {
  for (const dotted of ['1.2.840.113549.1.7.2', '2.999.3161.1', '0.4.0.1733.2.4', '2.5.4.3'])
    t.equal(oidOf(readBer(oid(dotted))), dotted)
  for (const bytes of ['0600', '060180', '06028001', '0401ff'])
    t.equal(oidOf(readBer(hex(bytes))), undefined, bytes)
  t.equal(integerOf(readBer(hex('0201ff'))), -1n)
  t.equal(integerOf(readBer(hex('02020080'))), 128n)
  t.equal(integerOf(readBer(hex('0200'))), undefined)
  t.same(
    octetsOf(readBer(indefinite(0x24, octetString(hex('01')), tlv(0x24, octetString(hex('0203')))))),
    hex('010203'),
  )
  t.throws(() => octetsOf(readBer(tlv(0x24, integer(1)))), /not BER/, 'a piece of another type')
  t.end()
})

t.test('times', (t) => {
  const utc = (text: string) => dateOf(readBer(tlv(23, Buffer.from(text))))?.toISOString()
  const generalized = (text: string) => dateOf(readBer(tlv(24, Buffer.from(text))))?.toISOString()
  t.equal(utc('491231235959Z'), '2049-12-31T23:59:59.000Z')
  t.equal(utc('500101000000Z'), '1950-01-01T00:00:00.000Z')
  t.equal(utc('2601010700+0700'), '2026-01-01T00:00:00.000Z')
  t.equal(generalized('20260101070000.5+0700'), '2026-01-01T00:00:00.500Z')
  t.equal(generalized('20240229000000Z'), '2024-02-29T00:00:00.000Z')
  for (const text of [
    '20230229000000Z',
    '20260101240000Z',
    '20260101006000Z',
    '20260101000000',
    '2026-01-01',
    '',
  ])
    t.equal(generalized(text), undefined, text)
  t.equal(fractionOf(readBer(tlv(24, Buffer.from('20260101000000.0120Z')))), '0120')
  t.equal(dateOf(readBer(octetString(Buffer.from('260101000000Z')))), undefined)
  t.end()
})

t.test('DER of BER', (t) => {
  const inside = octetString(hex('0102'))
  const der = sequence(tlv(0x31, integer(1), integer(2), oid('1.2')), inside)
  const ber = indefinite(
    0x30,
    indefinite(0x31, oid('1.2'), integer(2), integer(1)),
    indefinite(0x24, octetString(hex('01')), octetString(hex('02'))),
  )
  t.same(derOf(readBer(ber)), der)
  t.same(derOf(readBer(der)), der)
  t.end()
})

t.test('whatever the bytes, a value or a BerError, and never more than there is', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      if (isRefused(bytes)) return
      const { raw, content } = readBer(bytes)
      t.ok(raw.length <= bytes.length && content.length < raw.length)
    }),
    { numRuns: 2000, seed: 7 },
  )
  t.end()
})

t.test('many small values in nested indefinite lengths are refused soon', async (t) => {
  const small = Buffer.alloc(20_000_000, hex('0400'))
  const nested = Array.from({ length: 20 }).reduce<Buffer>((inner) => indefinite(0x30, inner), small)
  const { result, cpu } = await workTime(async () => isRefused(nested))
  t.ok(result)
  t.ok(cpu < 2_000, `${Math.round(cpu)} ms`)
})
