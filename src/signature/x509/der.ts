/** Bytes that are not DER (X.690 §10), or not the structure that was asked for. */
export class DerError extends Error {}

/** One value in DER: positions in the bytes that it was read from. */
export interface Der {
  readonly bytes: Uint8Array
  /** Identifier octet: class, constructed bit and a number below 31. */
  readonly tag: number
  readonly start: number
  /** Where the contents begin. */
  readonly body: number
  readonly end: number
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/**
 * The value that begins at `start`. Definite lengths in their shortest form only.
 * @throws DerError
 */
export function derAt(bytes: Uint8Array, start: number, limit: number): Der {
  if (start + 2 > limit) throw new DerError('cut short')
  const tag = bytes[start]!
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag number')
  let length = bytes[start + 1]!
  let body = start + 2
  if (length >= 0x80) {
    const count = length - 0x80
    if (count === 0 || count > 4 || body + count > limit) throw new DerError('length')
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + bytes[body + index]!
    if (length < 0x80 || bytes[body] === 0) throw new DerError('length is not minimal')
    body += count
  }
  if (body + length > limit) throw new DerError('cut short')
  return { bytes, tag, start, body, end: body + length }
}

/** The one value that fills `bytes`. @throws DerError */
export function readDer(bytes: Uint8Array, tag?: number): Der {
  const found = derAt(bytes, 0, bytes.length)
  if (found.end !== bytes.length) throw new DerError('bytes after the end')
  if (tag !== undefined && found.tag !== tag) throw new DerError(`tag ${found.tag}, not ${tag}`)
  return found
}

/** The values inside a constructed one. @throws DerError also where there are more than `most` */
export function childrenOf(parent: Der, most = 100_000): Der[] {
  const found: Der[] = []
  for (let at = parent.body; at < parent.end; ) {
    if (found.length >= most) throw new DerError('too many values')
    const child = derAt(parent.bytes, at, parent.end)
    found.push(child)
    at = child.end
  }
  return found
}

/** Takes the values inside a constructed one, one after the other. Owns its place. */
export class DerReader {
  readonly #parent: Der
  #at: number

  /** @throws DerError where the parent has not the tag */
  constructor(parent: Der, tag: number = TAG.sequence) {
    if (parent.tag !== tag) throw new DerError(`tag ${parent.tag}, not ${tag}`)
    this.#parent = parent
    this.#at = parent.body
  }

  get more(): boolean {
    return this.#at < this.#parent.end
  }

  /** @throws DerError where nothing is left, or the next has another tag */
  take(tag?: number): Der {
    const found = derAt(this.#parent.bytes, this.#at, this.#parent.end)
    if (tag !== undefined && found.tag !== tag) throw new DerError(`tag ${found.tag}, not ${tag}`)
    this.#at = found.end
    return found
  }

  optional(tag: number): Der | undefined {
    return this.more && this.#parent.bytes[this.#at] === tag ? this.take() : undefined
  }

  /** @throws DerError where something is left */
  finish(): void {
    if (this.more) throw new DerError('values after the last one')
  }
}

/** The contents, without copying. */
export const bodyOf = (value: Der): Uint8Array => value.bytes.subarray(value.body, value.end)
/** Tag, length and contents, without copying. */
export const wholeOf = (value: Der): Uint8Array => value.bytes.subarray(value.start, value.end)

/** The one value inside an explicit tag or an OCTET STRING. @throws DerError */
export function insideOf(value: Der, tag?: number): Der {
  const found = derAt(value.bytes, value.body, value.end)
  if (found.end !== value.end) throw new DerError('bytes after the end')
  if (tag !== undefined && found.tag !== tag) throw new DerError(`tag ${found.tag}, not ${tag}`)
  return found
}
