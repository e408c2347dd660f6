import type { AnchorPurpose } from '../trust-store.ts'
import { joinMaterial, type ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { FullContext } from './context.ts'
import { type IssuedPair, pairsOf, pathAt, statusAt } from './x509.ts'

export interface Wanted {
  readonly certificate: Certificate
  readonly purpose: AnchorPurpose
  /** A time at which a path is likely, where there is none now. */
  readonly earlier?: Date
}

const NOTHING: ValidationMaterial = { certificates: [], crls: [], ocsps: [] }

/**
 * Asks the revocation source for what the material at hand does not tell: an OCSP response first, then CRLs, for each
 * certificate of each path. @returns only what was fetched
 */
export async function fetchMissing(
  wanted: readonly Wanted[],
  material: ValidationMaterial,
  context: FullContext,
): Promise<ValidationMaterial> {
  if (!context.asksRevocation) return NOTHING
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
  { trust, time }: FullContext,
): readonly Certificate[] {
  const today = pathAt(certificate, purpose, material, trust, time)
  if (today.path.length > 0 || earlier === undefined) return today.path
  return pathAt(certificate, purpose, material, trust, earlier).path
}

async function fetchFor(
  pair: IssuedPair,
  material: ValidationMaterial,
  { trust, time, revocation }: FullContext,
): Promise<ValidationMaterial> {
  const knows = (more: ValidationMaterial) =>
    statusAt(pair, joinMaterial(material, more), trust, time).status !== 'unknown'
  if (knows(NOTHING)) return NOTHING
  const ocsps = await revocation.ocsps(pair.certificate, pair.issuer)
  const byOcsp = { ...NOTHING, ocsps }
  if (ocsps.length > 0 && knows(byOcsp)) return byOcsp
  return { ...byOcsp, crls: await revocation.crls(pair.certificate, pair.issuer) }
}
