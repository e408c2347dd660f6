import { createHash, createVerify, type Hash, type KeyObject } from 'node:crypto'
import { fits, type HashName, type SignatureAlgorithm, verifierInput } from '../algorithms.ts'

/** Content as chunks. */
export type Content = () => AsyncIterable<Uint8Array>

/** What is asked of the content that a signature is over. Null answers that it is not at hand. */
export interface SignedContent {
  digest(hash: HashName): Buffer | null
  /** Whether a value is over the content itself, without signed attributes. */
  fits(algorithm: SignatureAlgorithm, key: KeyObject, value: Uint8Array): boolean | null
  /** A hash that has taken in a prefix and then the content; what follows is the caller's to add. */
  hashAfter(hash: HashName, prefix: Uint8Array): Hash | null
  /** Its first bytes; empty where it is not at hand. */
  readonly head: Buffer
}

/** Bytes at the beginning of content that tell whether it is something else in disguise. */
export const HEAD_BYTES = 4096

export const ABSENT: SignedContent = {
  digest: () => null,
  fits: () => null,
  hashAfter: () => null,
  head: Buffer.alloc(0),
}

export function contentInMemory(bytes: Uint8Array): SignedContent {
  const known = new Map<HashName, Buffer>()
  return {
    digest: (hash) => {
      const digest = known.get(hash) ?? createHash(hash).update(bytes).digest()
      known.set(hash, digest)
      return digest
    },
    fits: (algorithm, key, value) => fits(algorithm, key, bytes, value, 'der'),
    hashAfter: (hash, prefix) => createHash(hash).update(prefix).update(bytes),
    head: Buffer.from(bytes.subarray(0, HEAD_BYTES)),
  }
}

/** What is known beforehand to be asked of content that is read once, as a stream. */
export interface ContentQuestions {
  readonly hashes: ReadonlySet<HashName>
  readonly bare: readonly { algorithm: SignatureAlgorithm; key: KeyObject; value: Uint8Array }[]
  readonly prefixes: readonly { hash: HashName; prefix: Uint8Array }[]
}

/** EdDSA takes the message twice: content up to this length is held for it. */
const MAX_HELD_BYTES = 16 * 1024 * 1024

/**
 * Reads a stream once, in constant memory, for all the questions. A question that was not told beforehand is answered
 * null, as if the content were not at hand.
 */
export async function contentOfStream(content: Content, asked: ContentQuestions): Promise<SignedContent> {
  const hashers = new Map([...asked.hashes].map((name) => [name, createHash(name)]))
  const prefixed = asked.prefixes.map((one) => ({ ...one, state: createHash(one.hash).update(one.prefix) }))
  const verifiers = asked.bare.map((one) => ({ ...one, verifier: verifierOf(one.algorithm) }))
  let held: Uint8Array[] | undefined = verifiers.some(({ verifier }) => verifier === undefined)
    ? []
    : undefined
  let length = 0
  let head = Buffer.alloc(0)
  for await (const chunk of content()) {
    for (const hasher of hashers.values()) hasher.update(chunk)
    for (const { state } of prefixed) state.update(chunk)
    for (const { verifier } of verifiers) verifier?.update(chunk)
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)])
    length += chunk.length
    if (length > MAX_HELD_BYTES) held = undefined
    held?.push(Buffer.from(chunk))
  }
  const digests = new Map([...hashers].map(([name, hasher]) => [name, hasher.digest()]))
  const whole = held && Buffer.concat(held)
  const answers = verifiers.map(({ algorithm, key, value, verifier }) => ({
    value,
    answer:
      verifier !== undefined
        ? safely(() => verifier.verify(verifierInput(algorithm, key, 'der'), value))
        : whole === undefined
          ? null
          : fits(algorithm, key, whole, value, 'der'),
  }))
  return {
    head,
    digest: (hash) => digests.get(hash) ?? null,
    fits: (_algorithm, _key, value) => answers.find((one) => one.value === value)?.answer ?? null,
    hashAfter: (hash, prefix) =>
      prefixed.find((one) => one.hash === hash && Buffer.compare(one.prefix, prefix) === 0)?.state.copy() ??
      null,
  }
}

/** Undefined where the algorithm cannot be fed in pieces. */
const verifierOf = ({ hash, maskHash }: SignatureAlgorithm) =>
  hash === null || maskHash !== undefined ? undefined : createVerify(hash)

function safely(work: () => boolean): boolean {
  try {
    return work()
  } catch {
    return false
  }
}
