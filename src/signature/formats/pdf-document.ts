import { openDecryption, type PdfDecryption } from './pdf-crypt.ts'
import { asStream, decodeStream, type PdfFile } from './pdf-file.ts'
import {
  isDict,
  isReference,
  isStream,
  PdfDoubt,
  PdfParser,
  type PdfStream,
  type PdfValue,
} from './pdf-syntax.ts'
import { type Place, placesOf, type Revision } from './pdf-xref.ts'

/** A stream of a document and where in the file its data begins. */
export interface PlacedStream extends PdfStream {
  readonly fileAt: number
  readonly number: number
  readonly generation: number
}

/** Characters of object streams that are kept unpacked. */
const MAX_PACKED = 32 * 1024 * 1024

/**
 * Opens one revision of a file, also where it is encrypted and asks for no password.
 * @throws PdfDoubt where it asks for one
 */
export async function openDocument(file: PdfFile, revision: Revision): Promise<PdfDocument> {
  const { trailer } = revision.sections[0]!
  const plain = new PdfDocument(file, revision)
  const place = trailer.get('/Encrypt')
  if (place === undefined) return plain
  const encryption = await plain.resolve(place)
  if (!isDict(encryption)) throw new PdfDoubt('encrypted')
  const number = isReference(place) ? place.ref : undefined
  return new PdfDocument(file, revision, openDecryption(encryption, trailer.get('/ID'), number))
}

/** What a reader sees who opens one revision of a file. */
export class PdfDocument {
  readonly #file: PdfFile
  readonly #places: ReadonlyMap<number, Place>
  readonly #sections: Revision['sections']
  readonly #packed = new Map<number, { text: string; places: readonly [number: number, at: number][] }>()

  readonly #decryption: PdfDecryption | undefined

  constructor(file: PdfFile, revision: Revision, decryption?: PdfDecryption) {
    this.#file = file
    this.#decryption = decryption
    this.#places = placesOf(revision)
    this.#sections = revision.sections
  }

  has(number: number): boolean {
    return (this.#places.get(number)?.kind ?? 'free') !== 'free'
  }

  /** Two objects of one location are the same bytes. Undefined where there is no such object. @throws PdfDoubt */
  location(number: number): string | undefined {
    const place = this.#places.get(number)
    if (place === undefined || place.kind === 'free') return undefined
    if (place.kind === 'offset') return `${place.offset} ${place.generation}`
    return `${this.#streamOffset(place.stream)}/${place.index}`
  }

  #streamOffset(number: number): number {
    const place = this.#places.get(number)
    if (place?.kind !== 'offset' || place.generation !== 0) throw new PdfDoubt('object stream')
    return place.offset
  }

  /**
   * Where the number of an object stands in the file; undefined where the object is in an object stream or not there.
   * Cross-references of some writers lead to the line end before it.
   */
  async start(number: number): Promise<number | undefined> {
    const place = this.#places.get(number)
    if (place?.kind !== 'offset') return undefined
    const lead = await this.#file.text(place.offset, place.offset + 8)
    return place.offset + /^[\0\t\n\f\r ]*/.exec(lead)![0].length
  }

  generation(number: number): number {
    const place = this.#places.get(number)
    return place?.kind === 'offset' ? place.generation : 0
  }

  /** The value of an object; null where there is none (ISO 32000-2 §7.3.10). @throws PdfDoubt */
  async object(number: number): Promise<PdfValue | PlacedStream> {
    const place = this.#places.get(number)
    if (place === undefined || place.kind === 'free') return null
    if (place.kind === 'packed') return this.#unpack(number, place.stream, place.index)
    const { offset, generation } = place
    const value = await this.#file.parse(offset, (parser) => parser.object(number, generation))
    const plain = (part: PdfValue) =>
      this.#decryption === undefined || this.#decryption.number === number
        ? part
        : this.#decryption.strings(part, number, generation)
    if (!isStream(value)) return plain(value)
    const dict = plain(value.dict)
    if (!isDict(dict)) throw new PdfDoubt('not a dictionary')
    return { dict, dataAt: value.dataAt, fileAt: offset + value.dataAt, number, generation }
  }

  /** Follows one reference; references do not lead to references. @throws PdfDoubt */
  async resolve(value: PdfValue | undefined): Promise<PdfValue | PlacedStream | undefined> {
    if (!isReference(value)) return value
    if (this.has(value.ref) && this.generation(value.ref) !== value.generation)
      throw new PdfDoubt('generation')
    return this.object(value.ref)
  }

  /** Whether a byte of the file lies in the data of a stream, of this revision or an earlier one. @throws PdfDoubt */
  async isInStream(at: number): Promise<boolean> {
    let nearest: { number: number; offset: number; generation: number } | undefined
    for (const { places } of this.#sections) {
      for (const [number, place] of places) {
        const isNearer =
          place.kind === 'offset' && place.offset <= at && place.offset > (nearest?.offset ?? -1)
        if (isNearer) nearest = { number, offset: place.offset, generation: place.generation }
      }
    }
    if (nearest === undefined) return false
    const { number, offset, generation } = nearest
    const value = await this.#file.parse(offset, (parser) => parser.object(number, generation))
    if (!isStream(value)) return false
    const stream = { ...value, fileAt: offset + value.dataAt, number, generation }
    await this.checkData(stream)
    return at >= stream.fileAt && at < stream.fileAt + (await this.#lengthOf(stream))
  }

  /** @throws PdfDoubt where the data does not end where the dictionary says, within this revision */
  async checkData(stream: PlacedStream): Promise<void> {
    await this.#file.checkData(stream.fileAt, await this.#lengthOf(stream))
  }

  async #lengthOf({ dict }: PlacedStream): Promise<number> {
    const length = await this.resolve(dict.get('/Length'))
    return typeof length === 'number' ? length : -1
  }

  /** Lets go of what was kept for the next question. */
  forget(): void {
    this.#packed.clear()
  }

  /** The data of a stream, decrypted, not decoded. @throws PdfDoubt */
  async data(stream: PlacedStream): Promise<Uint8Array> {
    const data = await this.#file.data(stream.fileAt, await this.#lengthOf(stream))
    if (this.#decryption === undefined) return data
    this.#file.spend(data.length)
    return this.#decryption.stream(stream.dict, data, stream.number, stream.generation)
  }

  async #unpack(number: number, stream: number, index: number): Promise<PdfValue> {
    const { text, places } = await this.#openPacked(this.#streamOffset(stream), stream)
    const entry = places[index]
    if (entry === undefined || entry[0] !== number) throw new PdfDoubt('object stream')
    return new PdfParser(text, entry[1]).value()
  }

  async #openPacked(offset: number, number: number) {
    const known = this.#packed.get(offset)
    if (known !== undefined) return known
    const stream = asStream(await this.object(number)) as PlacedStream
    const [count, first] = [stream.dict.get('/N'), stream.dict.get('/First')]
    if (stream.dict.get('/Type') !== '/ObjStm' || typeof count !== 'number' || typeof first !== 'number')
      throw new PdfDoubt('object stream')
    const decoded = decodeStream(stream.dict, await this.data(stream))
    this.#file.spend(decoded.length)
    const text = Buffer.from(decoded)
      .toString('latin1')
      .padEnd(decoded.length + 64, '\n')
    const parser = new PdfParser(text)
    const places: [number, number][] = []
    for (let index = 0; index < count; index++) places.push([parser.integer(), first + parser.integer()])
    const opened = { text, places }
    this.#packed.set(offset, opened)
    let kept = [...this.#packed.values()].reduce((sum, one) => sum + one.text.length, 0)
    for (const [oldest, one] of this.#packed) {
      if (kept <= MAX_PACKED || oldest === offset) break
      this.#packed.delete(oldest)
      kept -= one.text.length
    }
    return opened
  }
}
