import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { decodeStream } from '../../../src/signature/formats/pdf-file.ts'
import type { PdfValue } from '../../../src/signature/formats/pdf-syntax.ts'

const dict = (predictor: number, columns: number) =>
  new Map<string, PdfValue>([
    ['/Filter', '/FlateDecode'],
    [
      '/DecodeParms',
      new Map<string, PdfValue>([
        ['/Predictor', predictor],
        ['/Columns', columns],
      ]),
    ],
  ])

/** What a PNG filter takes away, written as RFC 2083 §6 words it. */
function predicted(type: number, a: number, b: number, c: number): number {
  if (type === 1) return a
  if (type === 2) return b
  if (type === 3) return Math.floor((a + b) / 2)
  if (type === 0) return 0
  const p = a + b - c
  const nearest = [a, b, c].map((value) => ({ value, distance: Math.abs(p - value) }))
  return nearest.reduce((best, one) => (one.distance < best.distance ? one : best)).value
}

t.test('rows under any mix of PNG filters come back', async () => {
  await fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ minLength: 5, maxLength: 5 }))),
      (columns, rows) => {
        const plain = rows.map(([, bytes]) => bytes.subarray(0, columns))
        const filtered = rows.flatMap(([type], row) => [
          type,
          ...plain[row]!.map((byte, column) => {
            const above = plain[row - 1]
            return (
              byte -
              predicted(type, plain[row]![column - 1] ?? 0, above?.[column] ?? 0, above?.[column - 1] ?? 0)
            )
          }),
        ])
        const decoded = decodeStream(dict(15, columns), deflateSync(Uint8Array.from(filtered)))
        return Buffer.concat(plain).equals(decoded)
      },
    ),
  )
})

t.test('what cannot be decoded with certainty is in doubt', async (t) => {
  t.throws(() => decodeStream(dict(12, 4), deflateSync(Uint8Array.of(5, 1, 2, 3, 4))), /predictor/)
  t.throws(() => decodeStream(dict(12, 4), deflateSync(Uint8Array.of(2, 1, 2, 3))), /predictor/)
  t.throws(() => decodeStream(dict(2, 4), deflateSync(Uint8Array.of(1, 2, 3, 4))), /predictor/)
  t.throws(() => decodeStream(dict(12, 4), Uint8Array.of(1, 2, 3)), /flate/)
  t.throws(() => decodeStream(new Map([['/Filter', '/LZWDecode']]), Uint8Array.of(1)), /filter/)
})
