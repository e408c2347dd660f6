import type { AnchorPurpose } from '../trust-store.ts'
import { joinMaterial, NO_MATERIAL, type ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { FullContext } from './context.ts'
import { type IssuedPair, pairsOf, pathAt, statusNow } from './x509.ts'

export interface Wanted {
  readonly certificate: Certificate
  readonly purpose: AnchorPurpose
  /** A time at which a path is likely, where there is none now. */
  readonly earlier?: Date
}

/**
 * Asks the revocation source for what the material at hand does not tell: an OCSP response first, then CRLs, for each
 * certificate of each path. @returns only what was fetched
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
  const knows = (more: ValidationMaterial) =>
    statusNow(pair, joinMaterial(material, more), context) !== 'unknown'
  if (knows(NO_MATERIAL)) return NO_MATERIAL
  const { certificate, issuer } = pair
  const byOcsp = { ...NO_MATERIAL, ocsps: await context.revocation.ocsps(certificate, issuer) }
  if (byOcsp.ocsps.length > 0 && knows(byOcsp)) return byOcsp
  return { ...byOcsp, crls: await context.revocation.crls(certificate, issuer) }
}
