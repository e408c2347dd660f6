import type { ValidationMaterial } from '../validation-material.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import type { FullContext } from './context.ts'
import { type IssuedPair, statusAt } from './x509.ts'

export interface RevocationQuestion {
  readonly material: ValidationMaterial
  /** When the certificate was used, as proven; undefined where nothing proves it. */
  readonly provenTime?: Date
  /** Since when the material is proven to have been there. */
  readonly materialProven?: Date
}

/**
 * What is known of a certificate's revocation now; where that is out of date, what was known once it had been used
 * (EN 319 102-1 §5.6.2.2: information from after the proven time tells of that time, whatever has expired since).
 */
export function revocationStatus(
  pair: IssuedPair,
  { material, provenTime, materialProven }: RevocationQuestion,
  { trust, time }: FullContext,
): RevocationAnswer {
  const today = statusAt(pair, material, trust, time)
  if (today.status !== 'unknown' || provenTime === undefined) return today
  const answers = [today]
  for (const at of [provenTime, ...updatesAfter(provenTime, time, answers)]) {
    const answer = statusAt(pair, material, trust, at)
    answers.push(answer)
    if (answer.status === 'unknown') continue
    // Whoever holds the issuer's key after its end may write what he likes: it must have been there before.
    const isProven = pair.issuer.notAfter >= time || (materialProven ?? time) <= pair.issuer.notAfter
    return isProven ? answer : { ...answer, status: 'unknown', why: 'no-proof' }
  }
  return today
}

/** Times at which information that has expired was new; looked up as the answers come in. */
function* updatesAfter(from: Date, to: Date, answers: readonly RevocationAnswer[]): Generator<Date> {
  const told = new Set<number>()
  for (const { thisUpdate } of answers) {
    const at = thisUpdate?.getTime()
    if (at === undefined || told.has(at) || at < from.getTime() || at > to.getTime()) continue
    told.add(at)
    yield new Date(at)
  }
}
