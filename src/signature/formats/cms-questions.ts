import type { KeyObject } from 'node:crypto'
import { type HashName, hashByOid } from '../algorithms.ts'
import type { Certificate } from '../x509/certificate.ts'
import { timestampHashes } from './cades.ts'
import { algorithmOfKey, cmsAlgorithm } from './cms-algorithm.ts'
import { signerOf } from './cms-certificate.ts'
import type { ContentQuestions } from './cms-content.ts'
import type { SignedData, SignerInfo } from './cms-structure.ts'

/** What the signers of a SignedData ask of content that is read as a stream, once. */
export function questionsOf(
  data: SignedData,
  certificates: readonly Certificate[],
  key: KeyObject | Certificate | undefined,
): ContentQuestions {
  const hashes = new Set<HashName>()
  for (const { digestOid, signedAttributes } of data.signers) {
    const hash = hashByOid(digestOid)
    if (hash !== undefined && signedAttributes !== undefined) hashes.add(hash)
  }
  for (const hash of data.signers.flatMap((signer) => timestampHashes(signer, 'digest'))) hashes.add(hash)
  const encapsulated = data.fields[2]!.raw
  const stamped = new Set(data.signers.flatMap((signer) => timestampHashes(signer, 'prefix')))
  const bare = data.signers
    .filter(({ signedAttributes }) => signedAttributes === undefined)
    .flatMap((signer) => bareQuestion(signer, certificates, key))
  return { hashes, bare, prefixes: [...stamped].map((hash) => ({ hash, prefix: encapsulated })) }
}

function bareQuestion(
  signer: SignerInfo,
  certificates: readonly Certificate[],
  given: KeyObject | Certificate | undefined,
): ContentQuestions['bare'][number][] {
  try {
    const { hash, algorithm } = cmsAlgorithm(signer)
    const { key } = signerOf(signer, certificates, given)
    const known = key && (algorithm ?? algorithmOfKey(hash, key))
    return key === undefined || known === undefined
      ? []
      : [{ algorithm: known, key, value: signer.signature }]
  } catch {
    // The check of this signer says why.
    return []
  }
}
