import { createHash } from 'node:crypto'
import type { HashName } from '../algorithms.ts'
import { type Container, ContainerError } from './asic-zip.ts'

/** Digests of the entries of a container, each entry read once for all hashes that are asked for together. */
export interface EntryDigests {
  /** Reads what is not known yet. */
  prepare(names: readonly string[], hashes: readonly HashName[]): Promise<void>
  /** Undefined where there is no such entry, it cannot be unpacked, or it was not prepared. */
  get(name: string, hash: HashName): Buffer | undefined
}

export function entryDigests(container: Container): EntryDigests {
  const known = new Map<string, Buffer | undefined>()
  const keyOf = (name: string, hash: HashName) => `${hash} ${name}`
  const prepareOne = async (name: string, hashes: readonly HashName[]) => {
    const entry = container.get(name)
    const wanted = hashes.filter((hash) => !known.has(keyOf(name, hash)))
    if (entry === undefined || wanted.length === 0) return
    const hashers = wanted.map((hash) => ({ hash, hasher: createHash(hash) }))
    let isWhole = true
    try {
      for await (const chunk of entry.chunks()) for (const { hasher } of hashers) hasher.update(chunk)
    } catch (error) {
      if (!(error instanceof ContainerError)) throw error
      isWhole = false
    }
    for (const { hash, hasher } of hashers)
      known.set(keyOf(name, hash), isWhole ? hasher.digest() : undefined)
  }
  return {
    prepare: async (names, hashes) => {
      for (const name of names) await prepareOne(name, hashes)
    },
    get: (name, hash) => known.get(keyOf(name, hash)),
  }
}
