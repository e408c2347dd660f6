import type { RevocationSource } from '../x509/revocation.ts'

export interface SourceBounds {
  /** Milliseconds for all questions together, from the first on. */
  readonly deadlineMs: number
  /** Questions that are asked at most. */
  readonly most: number
}

/**
 * The same source for one document: a file with many signatures asks many questions, and whoever made it must not be
 * able to hold up its intake with them. What is not answered in time is not known.
 */
export function boundedSource(
  source: RevocationSource,
  { deadlineMs, most }: SourceBounds,
): RevocationSource {
  let until: number | undefined
  let left = most
  const ask = async (question: () => Promise<readonly Uint8Array[]>): Promise<readonly Uint8Array[]> => {
    until ??= performance.now() + deadlineMs
    const time = until - performance.now()
    if (time <= 0 || --left < 0) return []
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<readonly Uint8Array[]>((resolve) => {
      timer = setTimeout(() => resolve([]), time)
    })
    try {
      return await Promise.race([question(), late])
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    crls: (certificate, issuer) => ask(() => source.crls(certificate, issuer)),
    ocsps: (certificate, issuer) => ask(() => source.ocsps(certificate, issuer)),
  }
}
