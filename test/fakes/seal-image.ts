import { crc32, deflateSync } from 'node:zlib'
import type { SealImage } from '../../src/signature/pades-sign/image.ts'

type Rgb = readonly [number, number, number]

/** A filled disc on a transparent square, in one colour. */
export function disc(side: number, rgb: Rgb): SealImage {
  const colour = new Uint8Array(side * side * 3)
  const opacity = new Uint8Array(side * side)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isInside = Math.hypot(x + 0.5 - side / 2, y + 0.5 - side / 2) <= side / 2
      colour.set(rgb, (y * side + x) * 3)
      opacity[y * side + x] = isInside ? 255 : 0
    }
  }
  return { width: side, height: side, colour, opacity }
}

/** An image as a PNG file of RGBA, its rows filtered in turn by each of the five filters. */
export function pngOf({ width, height, colour, opacity }: SealImage): Buffer {
  const stride = width * 4
  const rows = Buffer.alloc(stride * height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    rows.set(colour.subarray(pixel * 3, pixel * 3 + 3), pixel * 4)
    rows[pixel * 4 + 3] = opacity[pixel]!
  }
  const lines = Array.from({ length: height }, (_, row) => filtered(rows, row, stride))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function filtered(rows: Buffer, row: number, stride: number): Buffer {
  const filter = row % 5
  const line = Buffer.alloc(stride + 1, 0)
  line[0] = filter
  for (let column = 0; column < stride; column++) {
    const value = (r: number, c: number) => (r < 0 || c < 0 ? 0 : rows[r * stride + c]!)
    const [a, b, c] = [value(row, column - 4), value(row - 1, column), value(row - 1, column - 4)]
    const p = a + b - c
    const nearest = [a, b, c].reduce((best, one) => (Math.abs(p - one) < Math.abs(p - best) ? one : best))
    const guess = [0, a, b, (a + b) >> 1, nearest][filter]!
    line[column + 1] = value(row, column) - guess
  }
  return line
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
