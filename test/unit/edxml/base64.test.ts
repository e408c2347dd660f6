import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Base64Decoder, decodeBase64 } from '../../../src/edxml/base64.ts'

interface Decoded {
  readonly bytes: Buffer
  readonly fault: ReturnType<Base64Decoder['finish']>['fault']
}

function decodeIn(text: Buffer, cuts: readonly number[]): Decoded {
  const decoder = new Base64Decoder()
  const parts: Uint8Array[] = []
  let from = 0
  for (const cut of [...cuts, text.length].sort((a, b) => a - b)) {
    parts.push(decoder.push(text.subarray(from, cut)))
    from = Math.min(cut, text.length)
  }
  const { bytes, fault } = decoder.finish()
  return { bytes: Buffer.concat([...parts, bytes]), fault }
}

const byByte = (text: Buffer): Decoded => decodeIn(text, Array.from(text.keys()))

const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64'))
const piece = fc.constantFrom(
  '\n',
  ' ',
  '\r\n',
  '\t',
  '&#13;',
  '&#xa;',
  '=',
  '-',
  '_',
  '!',
  'A',
  '&',
  '&#13',
  'Đ',
)
const text = fc
  .tuple(content, fc.array(fc.tuple(fc.nat(400), piece), { maxLength: 4 }), fc.boolean())
  .map(([whole, pieces, inLines]) => {
    const written = inLines ? whole.replace(/(.{76})/g, '$1\n') : whole
    return Buffer.from(pieces.reduce((now, [at, one]) => now.slice(0, at) + one + now.slice(at), written))
  })

t.test('what comes out, and what is wrong where, does not depend on how a text comes', async (t) => {
  let [sound, wrong] = [0, 0]
  fc.assert(
    fc.property(text, fc.array(fc.nat(400), { maxLength: 5 }), (written, cuts) => {
      const expected = byByte(written)
      if (expected.fault === undefined) sound += 1
      else wrong += 1
      const decoded = decodeIn(written, cuts)
      assert.deepEqual(decoded.fault, expected.fault)
      // Of a text with a fault nothing counts.
      if (expected.fault === undefined) assert.deepEqual(decoded.bytes, expected.bytes)
    }),
    { numRuns: 3_000 },
  )
  t.ok(sound > 500 && wrong > 500, `${sound} sound, ${wrong} not`)
})

t.test('a text that is decoded at once is one that is sound, and gives the same', async (t) => {
  let atOnce = 0
  fc.assert(
    fc.property(text, (written) => {
      const bytes = decodeBase64(written)
      if (bytes === undefined) return
      atOnce += 1
      assert.deepEqual({ bytes, fault: undefined }, byByte(written))
    }),
    { numRuns: 3_000 },
  )
  t.ok(atOnce > 500, `${atOnce} of 3000`)
})
