import type { Outcome } from './judged.ts'
import type { CorpusResult } from './run-corpus.ts'

export interface Tally extends Record<Outcome, number> {
  /** Agreements among the cases that are scored: neither left out nor unsupported. 1 where there is none. */
  readonly agreement: number
  readonly scored: number
}

export function tally({ judged }: CorpusResult): Tally {
  const count = (outcome: Outcome) => judged.filter((one) => one.outcome === outcome).length
  const agree = count('agree')
  const wrong = count('false-accept') + count('false-reject') + count('differ')
  const scored = agree + wrong
  return {
    agree,
    'false-accept': count('false-accept'),
    'false-reject': count('false-reject'),
    differ: count('differ'),
    unsupported: count('unsupported'),
    'left-out': count('left-out'),
    scored,
    agreement: scored === 0 ? 1 : agree / scored,
  }
}

/** What a corpus must reach. Beside it no corpus may hold a false accept where `noFalseAccept` says so. */
interface Bar {
  readonly agreement: number
  readonly noFalseAccept: boolean
}

export const BARS: Readonly<Record<string, Bar>> = {
  'dss-xades': { agreement: 0.98, noFalseAccept: false },
  'xmldsig-interop': { agreement: 0.98, noFalseAccept: false },
  'xmldsig-attacks': { agreement: 0, noFalseAccept: true },
  c14n: { agreement: 1, noFalseAccept: false },
  'dss-pades': { agreement: 0.96, noFalseAccept: true },
  'pyhanko-pdf': { agreement: 0, noFalseAccept: true },
  'pdf-misc': { agreement: 0, noFalseAccept: true },
  'dss-cades': { agreement: 0.96, noFalseAccept: false },
  'cms-misc': { agreement: 0.96, noFalseAccept: false },
  tsp: { agreement: 0.96, noFalseAccept: false },
  'crl-ocsp': { agreement: 0.96, noFalseAccept: false },
  'x509-pkits': { agreement: 0.98, noFalseAccept: true },
  mutations: { agreement: 0, noFalseAccept: true },
  'xml-dtd-attacks': { agreement: 1, noFalseAccept: true },
}

/** What is missed, in words; empty where nothing is. */
export function missed(result: CorpusResult): string[] {
  const bar = BARS[result.name]
  if (bar === undefined) return []
  const { agreement, 'false-accept': falseAccepts } = tally(result)
  return [
    ...(agreement < bar.agreement
      ? [`${result.name}: ${percent(agreement)} agreement, wanted ${percent(bar.agreement)}`]
      : []),
    ...(bar.noFalseAccept && falseAccepts > 0 ? [`${result.name}: ${falseAccepts} false accepts`] : []),
  ]
}

export const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
