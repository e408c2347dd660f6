import { createHash } from 'node:crypto'

/** Octets above this length are told by their digest alone. */
const MAX_SHOWN = 1024 * 1024

/** What is told of canonical octets in one line of JSON; `octets` is base64. */
export const canonicalAnswer = (file: string, alg: string, octets: Uint8Array) => ({
  file,
  alg,
  sha256: createHash('sha256').update(octets).digest('hex'),
  length: octets.length,
  ...(octets.length <= MAX_SHOWN && { octets: Buffer.from(octets).toString('base64') }),
})
