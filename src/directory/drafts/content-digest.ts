import { createHash } from 'node:crypto'
import { type Sha256, sha256 } from '../../domain/identifiers.ts'
import { inSlices, type Sliced } from '../slices.ts'

/**
 * SHA-256 of a draft's content as JSON with the members of every object in the order of their names, so that it is the
 * same before and after it was kept.
 */
export const contentDigest = (content: readonly unknown[]): Promise<Sha256> => inSlices(digesting(content))

function* digesting(content: readonly unknown[]): Sliced<Sha256> {
  const hash = createHash('sha256').update('[')
  for (const [index, item] of content.entries()) {
    hash.update(`${index === 0 ? '' : ','}${JSON.stringify(item, inOrder)}`)
    yield
  }
  return sha256(hash.update(']').digest('hex'))
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
