import type { AnchorPurpose } from '../trust-store.ts'
import { joinMaterial, NO_MATERIAL, type ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import type { FullContext } from './context.ts'
import { answerNow, type IssuedPair, pairsOf, pathAt } from './x509.ts'

export interface Wanted {
  readonly certificate: Certificate
  readonly purpose: AnchorPurpose
  /** A time at which a path is likely, where there is none now. */
  readonly earlier?: Date
}

/**
 * Asks the revocation source for what the material at hand does not tell: an OCSP response first, then CRLs, for each
 * certificate of each path. That one was good some time ago is what whoever made the file chose to tell: that is asked
 * again, and counts where nothing newer is to be had. @returns only what was fetched
 */
export async function fetchMissing(
  wanted: readonly Wanted[],
  material: ValidationMaterial,
  context: FullContext,
): Promise<ValidationMaterial> {
  if (!context.asksRevocation) return NO_MATERIAL
  const pairs = new Map(
    wanted
      .flatMap((one) => pairsOf(likelyPath(one, material, context)))
      .map((pair) => [pair.certificate.sha256, pair]),
  )
  const fetched = await Promise.all([...pairs.values()].map((pair) => fetchFor(pair, material, context)))
  return joinMaterial(...fetched)
}

function likelyPath(
  { certificate, purpose, earlier }: Wanted,
  material: ValidationMaterial,
  context: FullContext,
): readonly Certificate[] {
  const today = pathAt(certificate, purpose, material, context)
  if (today.path.length > 0 || earlier === undefined) return today.path
  return pathAt(certificate, purpose, material, context, earlier).path
}

async function fetchFor(
  pair: IssuedPair,
  material: ValidationMaterial,
  context: FullContext,
): Promise<ValidationMaterial> {
  if (isSettled(answerNow(pair, material, context), context)) return NO_MATERIAL
  const { certificate, issuer } = pair
  const ocsps = await context.revocation.ocsps(certificate, issuer)
  const byOcsp = { ...NO_MATERIAL, ocsps }
  const answers = { ...byOcsp, certificates: material.certificates }
  if (ocsps.length > 0 && answerNow(pair, answers, context).status !== 'unknown') return byOcsp
  return { ...byOcsp, crls: await context.revocation.crls(certificate, issuer) }
}

/** How old an answer may be that was not fetched, in milliseconds. */
const RECENT = 10 * 60_000

function isSettled({ status, thisUpdate }: RevocationAnswer, { time }: FullContext): boolean {
  if (status !== 'good') return status !== 'unknown'
  return thisUpdate !== undefined && time.getTime() - thisUpdate.getTime() <= RECENT
}
