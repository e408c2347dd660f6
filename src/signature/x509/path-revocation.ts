import type { TrustAnchor } from '../trust-store.ts'
import type { Certificate } from './certificate.ts'
import type { PathFault, PathSettings } from './path-types.ts'
import type { RevocationAnswer } from './revocation.ts'

export interface RevocationVerdict {
  /** One for each certificate below the anchor, from the leaf upwards. */
  readonly answers: readonly RevocationAnswer[]
  readonly faults: readonly PathFault[]
}

export function pathRevocation(
  path: readonly Certificate[],
  _anchor: TrustAnchor,
  { revocation }: PathSettings,
): RevocationVerdict {
  const answers = path.slice(0, -1).map((certificate) => ({ certificate, status: 'unknown' }) as const)
  const faults = answers.map(
    ({ certificate }): PathFault => ({ check: 'revocation', reason: 'revocation-unknown', certificate }),
  )
  return { answers, faults: revocation === 'required' ? faults : [] }
}
