import { inflateSync } from 'node:zlib'
import { unsealable } from './refusal.ts'
import { flateStream, type NewObject, reference } from './write.ts'

/** The image of a seal, decoded: three bytes of colour and one of opacity for each pixel. */
export interface SealImage {
  readonly width: number
  readonly height: number
  readonly colour: Uint8Array
  readonly opacity: Uint8Array
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Pixels on a side: 36 mm at 1,200 dpi are 1,701. */
const MAX_SIDE = 4096

/** Samples of a pixel by colour type (PNG §11.2.2): grey, RGB, palette, grey and alpha, RGBA. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

interface Chunks {
  readonly header: Buffer
  readonly data: Buffer
  readonly palette: Buffer
  readonly transparency: Buffer
}

/**
 * Decodes the image of a seal: PNG of 8 bits, not interlaced.
 * @throws GatewayError `pdf-unsealable` where it is none, is not transparent around the seal, or the seal is not red
 */
export function readSealImage(png: Uint8Array): SealImage {
  const chunks = readChunks(Buffer.from(png))
  const [width, height] = [chunks.header.readUInt32BE(0), chunks.header.readUInt32BE(4)]
  const [depth, type, , , interlace] = chunks.header.subarray(8)
  const channels = CHANNELS[type!]
  const isSmall = width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE
  if (depth !== 8 || interlace !== 0 || channels === undefined || !isSmall)
    throw unsealable('image-malformed')
  const rows = unfilter(
    inflate(chunks.data, height * (width * channels + 1)),
    width * channels,
    channels,
    height,
  )
  const image = { width, height, ...samplesOf(rows, type!, width * height, chunks) }
  judge(image)
  return image
}

function readChunks(file: Buffer): Chunks {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw unsealable('image-malformed')
  const found = new Map<string, Buffer[]>()
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at)
    const name = file.toString('latin1', at + 4, at + 8)
    if (at + 12 + length > file.length) throw unsealable('image-malformed', name)
    found.set(name, [...(found.get(name) ?? []), file.subarray(at + 8, at + 8 + length)])
    at += 12 + length
  }
  const one = (name: string) => Buffer.concat(found.get(name) ?? [])
  const header = one('IHDR')
  if (header.length !== 13) throw unsealable('image-malformed', 'IHDR')
  return { header, data: one('IDAT'), palette: one('PLTE'), transparency: one('tRNS') }
}

function inflate(data: Buffer, length: number): Buffer {
  try {
    const inflated = inflateSync(data, { maxOutputLength: length })
    if (inflated.length === length) return inflated
  } catch {
    // Told below.
  }
  throw unsealable('image-malformed', 'IDAT')
}

/** PNG §9: each row begins with the filter that foretells its bytes from those to the left and above. */
function unfilter(data: Buffer, stride: number, step: number, height: number): Uint8Array {
  const rows = new Uint8Array(stride * height)
  for (let row = 0; row < height; row++) {
    const predict = FILTERS[data[row * (stride + 1)]!]
    if (predict === undefined) throw unsealable('image-malformed', 'filter')
    for (let column = 0; column < stride; column++) {
      const at = row * stride + column
      const left = column >= step ? rows[at - step]! : 0
      const above = row > 0 ? rows[at - stride]! : 0
      const corner = column >= step && row > 0 ? rows[at - stride - step]! : 0
      rows[at] = data[row * (stride + 1) + 1 + column]! + predict(left, above, corner)
    }
  }
  return rows
}

type Predict = (left: number, above: number, corner: number) => number
const FILTERS: readonly Predict[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => {
    const guess = left + above - corner
    const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)]
    if (a <= b && a <= c) return left
    return b <= c ? above : corner
  },
]

function samplesOf(rows: Uint8Array, type: number, pixels: number, { palette, transparency }: Chunks) {
  const channels = CHANNELS[type]!
  const colour = new Uint8Array(pixels * 3)
  const opacity = new Uint8Array(pixels).fill(255)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = rows.subarray(pixel * channels, (pixel + 1) * channels)
    const shades = type === 3 ? palette.subarray(from[0]! * 3, from[0]! * 3 + 3) : from
    for (let index = 0; index < 3; index++)
      colour[pixel * 3 + index] = shades[channels > 2 || type === 3 ? index : 0] ?? 0
    if (type === 3) opacity[pixel] = transparency[from[0]!] ?? 255
    else if (type >= 4) opacity[pixel] = from[channels - 1]!
  }
  return { colour, opacity }
}

/** NĐ 30/2020/NĐ-CP, appendix I: red, on a transparent background. */
function judge({ colour, opacity }: SealImage): void {
  let [clear, shown, red] = [0, 0, 0]
  for (let pixel = 0; pixel < opacity.length; pixel++) {
    if (opacity[pixel]! < 16) clear++
    if (opacity[pixel]! < 128) continue
    shown++
    const [r, g, b] = colour.subarray(pixel * 3, pixel * 3 + 3)
    if (r! > g! + 40 && r! > b! + 40) red++
  }
  if (clear * 10 < opacity.length) throw unsealable('image-opaque')
  if (shown === 0 || red * 2 < shown) throw unsealable('image-not-red')
}

/** The image and its mask of opacity as objects (ISO 32000-2 §8.9.5, §11.6.5.2). */
export function imageObjects(image: SealImage, next: () => number): { image: number; objects: NewObject[] } {
  const [number, mask] = [next(), next()]
  const common = {
    Type: '/XObject',
    Subtype: '/Image',
    Width: image.width,
    Height: image.height,
    BitsPerComponent: 8,
  }
  return {
    image: number,
    objects: [
      flateStream(
        number,
        { ...common, ColorSpace: '/DeviceRGB', SMask: reference(mask) },
        image.colour,
        true,
      ),
      flateStream(mask, { ...common, ColorSpace: '/DeviceGray' }, image.opacity, true),
    ],
  }
}
