import { createHash, type Hash } from 'node:crypto'
import type { XmlCut } from '../../xml/nodes.ts'
import type { HashName } from '../algorithms.ts'
import type { ByteSource } from '../byte-source.ts'
import { type SignatureStop, unverifiable } from '../checks.ts'
import { canonicalChunks } from './xml-cuts.ts'

/** Octets of which some are still in the file. */
export interface PartedOctets {
  readonly parts: readonly (Uint8Array | XmlCut)[]
}

export type Octets = Uint8Array | PartedOctets

const isBytes = (part: Uint8Array | XmlCut): part is Uint8Array => part instanceof Uint8Array

const partsOf = (octets: Octets): readonly (Uint8Array | XmlCut)[] =>
  octets instanceof Uint8Array ? [octets] : octets.parts

/** Bytes that are kept while digests are made, over all of them. */
const MAX_KEPT = 32 * 1024 * 1024
/** How many times the file may be digested. */
const MAX_TURNS = 8

interface Request {
  readonly key: string
  readonly digest: Hash
  readonly parts: readonly (Uint8Array | XmlCut)[]
  at: number
}

/**
 * Digests over octets that are still in the file. A check asks for them while it runs, without waiting, and is run
 * again when they are made: so everything else needs no I/O.
 */
export class StreamedDigests {
  /** Whether somebody wanted the characters of a text that is not at hand. */
  isShort = false
  readonly #source: ByteSource
  readonly #made = new Map<string, Uint8Array>()
  readonly #wanted = new Map<string, Request>()
  readonly #refused = new Set<string>()
  #kept = MAX_KEPT
  #left: number

  constructor(source: ByteSource) {
    this.#source = source
    this.#left = MAX_TURNS * source.length
  }

  get isComplete(): boolean {
    return this.#wanted.size === 0
  }

  readonly short = (): SignatureStop => {
    this.isShort = true
    return unverifiable('reference', 'text-not-at-hand')
  }

  /**
   * The digest, or nothing yet.
   * @throws SignatureStop `unverifiable` where too much is asked for
   */
  of(octets: readonly Octets[], hash: HashName): Uint8Array {
    const parts = octets.flatMap(partsOf)
    const key = keyOf(parts, hash)
    const made = this.#made.get(key)
    if (made !== undefined) return made
    if (!this.#wanted.has(key)) this.#want({ key, digest: createHash(hash), parts, at: 0 })
    return NOTHING
  }

  #want(request: Request): void {
    const { key, parts } = request
    const kept = parts.filter(isBytes).reduce((sum, { length }) => sum + length, 0)
    const read = parts.reduce((sum, part) => sum + (isBytes(part) ? 0 : part.end - part.start), 0)
    const isTooMuch = this.#refused.has(key) || kept > this.#kept || read > this.#left
    if (isTooMuch) {
      this.#refused.add(key)
      throw unverifiable('reference', 'xml-too-costly')
    }
    this.#kept -= kept
    this.#left -= read
    this.#wanted.set(key, request)
  }

  /** Makes all that was asked for. A cut that stands next in several of them is read once. */
  async make(): Promise<void> {
    const open = new Set(this.#wanted.values())
    while (open.size > 0) {
      for (const one of open) if (this.#advance(one)) open.delete(one)
      const next = [...open].map(nextCut).sort((a, b) => a.start - b.start)[0]
      if (next === undefined) break
      const takers = [...open].filter((one) => nextCut(one) === next)
      for await (const chunk of canonicalChunks(this.#source, next))
        for (const { digest } of takers) digest.update(chunk)
      for (const one of takers) one.at += 1
    }
    this.#wanted.clear()
    this.#kept = MAX_KEPT
  }

  /** Takes the bytes up to the next cut; true at the end. */
  #advance(request: Request): boolean {
    const { parts, digest, key } = request
    for (let part = parts[request.at]; part !== undefined; part = parts[++request.at]) {
      if (!isBytes(part)) return false
      digest.update(part)
    }
    this.#made.set(key, digest.digest())
    return true
  }
}

const NOTHING = new Uint8Array(0)

/** Where a request stands still, a cut comes next. */
const nextCut = ({ parts, at }: Request): XmlCut => parts[at] as XmlCut

/** Equal for the same octets under the same hash. */
function keyOf(parts: readonly (Uint8Array | XmlCut)[], hash: HashName): string {
  const digest = createHash('sha256')
  for (const part of parts) {
    digest.update(isBytes(part) ? `bytes ${part.length};` : `cut ${part.start}-${part.end};`)
    if (isBytes(part)) digest.update(part)
  }
  return `${hash} ${digest.digest('hex')}`
}

/**
 * The digest of octets one after the other.
 * @throws SignatureStop
 */
export function digestOf(
  octets: readonly Octets[],
  hash: HashName,
  streamed: StreamedDigests | undefined,
): Uint8Array {
  if (streamed !== undefined && octets.some((one) => !(one instanceof Uint8Array)))
    return streamed.of(octets, hash)
  const digest = createHash(hash)
  for (const one of octets) digest.update(bytesOf(one, streamed))
  return digest.digest()
}

/** Octets that must be whole in memory, for a transform. @throws SignatureStop `unverifiable` where they are not */
export function bytesOf(octets: Octets, streamed: StreamedDigests | undefined): Uint8Array {
  if (octets instanceof Uint8Array) return octets
  throw streamed?.short() ?? unverifiable('reference', 'text-not-at-hand')
}
