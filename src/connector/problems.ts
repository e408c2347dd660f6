import type { AxisFailure } from '../axis/client-types.ts'
import { databaseError } from '../db/errors.ts'
import type { ArrivalProblem } from '../domain/axis/arrival.ts'
import type { Connector } from '../domain/axis/connector.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError, PROBLEMS } from '../domain/problem.ts'

const MOST_FAULTS = 20
/** Characters of what others wrote. */
const LONGEST_FOUND = 500

/** Text that PostgreSQL keeps, whatever others wrote. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, ' ').trim()

/** Why intake did not take a packet. */
export const problemOf = ({ code, detail, faults }: GatewayError): ArrivalProblem => ({
  code,
  explanation: withDetail(PROBLEMS[code].title, detail),
  faults: faults.slice(0, MOST_FAULTS).map(kept),
})

const kept = ({ found, ...fault }: Fault): Fault => ({
  ...fault,
  ...(found !== undefined && { found: plain(found.slice(0, LONGEST_FOUND)) }),
})

function withDetail(title: Bilingual, detail: Bilingual | undefined): Bilingual {
  const text = (language: keyof Bilingual) =>
    plain([`${title[language]}.`, detail?.[language]].filter((part) => part !== undefined).join(' '))
  return { vi: text('vi'), en: text('en') }
}

/** How an operation of the other exchange failed. */
export const problemOfFailure = ({ kind, code, detail }: AxisFailure): ArrivalProblem => {
  const said = plain([code, detail].join(' '))
  return {
    code: kind,
    explanation: { vi: `Trục khác không trả lời đúng: ${said}`, en: `The other exchange: ${said}` },
    faults: [],
  }
}

export const NOT_FETCHED = 'not-fetched'

/** The other exchange has named a packet and does not give it. */
export const notFetched = (failure: AxisFailure): ArrivalProblem => {
  const { explanation } = problemOfFailure(failure)
  return {
    code: NOT_FETCHED,
    explanation: {
      vi: `Trục khác ghi có gói tin nhưng không giao. ${explanation.vi}`,
      en: `It was listed and could not be fetched. ${explanation.en}`,
    },
    faults: [],
  }
}

/** Why a packet is not to be had any more: a gateway of this kind ends its words with its own code. */
const ENDS = ['delivery-withdrawn', 'delivery-moved'] as const

/**
 * What another gateway says where it will never give a packet again: taken back by its sender, or given to whoever took
 * over. Undefined for everything else, and for the national axis, whose words are not known.
 */
export function endOf(
  { channel }: Pick<Connector, 'channel'>,
  failure: AxisFailure,
): ArrivalProblem | undefined {
  if (channel !== 'gateway' || failure.kind !== 'refused') return undefined
  const code = ENDS.find((one) => failure.detail.includes(`[${one}]`))
  return code && { ...problemOfFailure(failure), code }
}

/** What may go well later without anybody's doing, as a problem; undefined where intake has decided. */
export function transientProblem(thrown: unknown): ArrivalProblem | undefined {
  const error = databaseError(thrown)
  if (!(error instanceof GatewayError)) {
    const said = plain((error instanceof Error ? error.message : String(error)).slice(0, LONGEST_FOUND))
    return {
      code: 'internal-error',
      explanation: withDetail(PROBLEMS['internal-error'].title, { vi: said, en: said }),
      faults: [],
    }
  }
  const { retryable, status } = PROBLEMS[error.code]
  return retryable || status >= 500 ? problemOf(error) : undefined
}

/** What a change of the directory may mend: names nobody bears, agencies that have closed, seals that nobody's are. */
export const MENDED_BY_DIRECTORY: readonly string[] = [
  'recipients-unresolvable',
  'sender-mismatch',
  'sender-closed',
  'gateway-seal-invalid',
]

/** One line for the other exchange's people: why their packet was not taken, with its code. */
export const tellingOf = ({ code, explanation, faults }: ArrivalProblem): string => {
  const details = faults.slice(0, 3).map(({ code: fault, found }) => [fault, found].filter(Boolean).join(' '))
  return plain([`[${code}]`, explanation.vi, ...details].join(' ').slice(0, 900))
}
