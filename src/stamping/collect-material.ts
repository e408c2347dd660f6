import type { AnchorPurpose, TrustStore } from '../signature/trust-store.ts'
import { joinMaterial, NO_MATERIAL, type ValidationMaterial } from '../signature/validation-material.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { validatePath } from '../signature/x509/path.ts'
import type { PathSettings, PathValidation } from '../signature/x509/path-types.ts'
import type { RevocationSource } from '../signature/x509/revocation.ts'

/** What proves a certificate cannot be had now. */
export class MaterialMissing extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'MaterialMissing'
  }
}

export interface MaterialQuestion {
  readonly certificate: Certificate
  readonly purpose: AnchorPurpose
  /** What came along with the certificate. */
  readonly known: ValidationMaterial
  readonly trust: TrustStore
  readonly time: Date
}

/** The path of a certificate to a trusted root, without a look at revocation. */
export function trustedPath(
  { certificate, purpose, known, trust, time }: MaterialQuestion,
  revocation: PathSettings['revocation'] = 'none',
): PathValidation {
  const own: ValidationMaterial = { ...NO_MATERIAL, certificates: trust.intermediates }
  const material = joinMaterial(known, own)
  return validatePath(certificate, { anchors: trust.anchors, material, purpose, time, revocation })
}

/**
 * The certificates of a path to a trusted root, with an OCSP response or a CRL that says of each that it is good.
 * @throws MaterialMissing where there is no such path, or it cannot be proven now
 */
export async function collectMaterial(
  question: MaterialQuestion,
  source: RevocationSource,
): Promise<ValidationMaterial> {
  const { path, status, faults } = trustedPath(question)
  if (status !== 'valid') throw new MaterialMissing(faultText(faults))
  const pairs = path.slice(0, -1).map((certificate, index) => [certificate, path[index + 1]!] as const)
  const ocsps = await Promise.all(pairs.map(([certificate, issuer]) => source.ocsps(certificate, issuer)))
  const withOcsp = joinMaterial(question.known, { ...NO_MATERIAL, ocsps: ocsps.flat() })
  const first = trustedPath({ ...question, known: withOcsp }, 'required')
  if (isProven(first)) return evidenceOf(first)
  const crls = await Promise.all(pairs.map(([certificate, issuer]) => source.crls(certificate, issuer)))
  const withCrls = joinMaterial(withOcsp, { ...NO_MATERIAL, crls: crls.flat() })
  const second = trustedPath({ ...question, known: withCrls }, 'required')
  if (isProven(second)) return evidenceOf(second)
  throw new MaterialMissing(faultText(second.faults))
}

/** Something must have been said of every certificate below the anchor. */
const isProven = ({ status, path, revocation }: PathValidation): boolean =>
  status === 'valid' && revocation.length === path.length - 1

const faultText = (faults: PathValidation['faults']): string =>
  faults.map(({ reason, found }) => (found === undefined ? reason : `${reason} (${found})`)).join(', ') ||
  'no revocation information'

function evidenceOf({ path, revocation }: PathValidation): ValidationMaterial {
  const of = (source: 'crl' | 'ocsp') =>
    revocation.flatMap((answer) =>
      answer.source === source && answer.evidence !== undefined ? [answer.evidence] : [],
    )
  return joinMaterial({ certificates: path, crls: of('crl'), ocsps: of('ocsp') })
}
