import type { Certificate } from '../x509/certificate.ts'
import { mayAsk, type RevocationSource } from '../x509/revocation.ts'

export interface SourceBounds {
  /** Milliseconds for all questions together, from the first on. */
  readonly deadlineMs: number
  /** Questions that are asked at most. */
  readonly most: number
}

type Answers = readonly Uint8Array[]

/** Time and questions that are left. */
interface Purse {
  /** The clock runs from the first question on. */
  millisecondsLeft(): number
  /** @returns whether there was a question left */
  take(): boolean
  /** Nothing is left any more. */
  end(): void
}

/**
 * The same source for one document: a file with many signatures asks many questions, and whoever made it must not be
 * able to hold up its intake with them. What is not answered in time is not known. Each signature has a part of its own
 * besides what all share, lest those before it use up what its signer would be asked about with; and what was asked
 * once for a certificate is not asked again.
 */
export function boundedSource(
  source: RevocationSource,
  { each, ...all }: SourceBounds & { readonly each: SourceBounds },
): RevocationSource {
  const shared = purse(all)
  const asked = new Map<string, Promise<Answers>>()
  const hanging = new Set<string>()
  const withPart = (part: Purse): RevocationSource => {
    const ask = async (key: string, question: () => Promise<Answers>): Promise<Answers> => {
      const time = Math.max(part.millisecondsLeft(), shared.millisecondsLeft())
      if (time <= 0 || hanging.has(key)) return []
      const known = asked.get(key) ?? (part.take() || shared.take() ? question() : undefined)
      if (known === undefined) return []
      asked.set(key, known)
      const answers = await within(time, known)
      if (answers !== undefined) return answers
      // The clock alone does not tell that it is over: a timer fires up to two milliseconds early by it.
      part.end()
      shared.end()
      // Who had less than a part's time may yet answer the next.
      if (time >= each.deadlineMs) hanging.add(key)
      return []
    }
    return {
      crls: (certificate, issuer) =>
        ask(keyOf('crl', certificate, issuer), () => source.crls(certificate, issuer)),
      ocsps: (certificate, issuer) =>
        ask(keyOf('ocsp', certificate, issuer), () => source.ocsps(certificate, issuer)),
      mayAsk: () => mayAsk(source),
      forSignature: () => withPart(purse(each)),
    }
  }
  return withPart(SPENT)
}

const keyOf = (kind: string, certificate: Certificate, issuer: Certificate): string =>
  `${kind} ${certificate.sha256} ${issuer.sha256}`

const SPENT: Purse = { millisecondsLeft: () => 0, take: () => false, end: () => undefined }

function purse({ deadlineMs, most }: SourceBounds): Purse {
  let until: number | undefined
  let left = most
  return {
    millisecondsLeft() {
      if (until !== undefined) return until - performance.now()
      until = performance.now() + deadlineMs
      return deadlineMs
    },
    take: () => (until === undefined || performance.now() < until) && --left >= 0,
    end() {
      until = Number.NEGATIVE_INFINITY
    },
  }
}

/** @returns undefined where it takes longer */
async function within(milliseconds: number, work: Promise<Answers>): Promise<Answers | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined)
  })
  return await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
