import type { Bilingual } from '../domain/bilingual.ts'
import { GatewayError } from '../domain/problem.ts'
import { isOfSender } from '../domain/signer-is-sender.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import { NO_MATERIAL } from '../signature/validation-material.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { NAME } from '../signature/x509/name.ts'
import { validatePath } from '../signature/x509/path.ts'
import { signerKind, signerName, signerOrganisations } from '../signature/x509/signer-kind.ts'

/** An agency by everything that the directory calls it. */
export interface KnownAgency {
  readonly code: string
  readonly name: string
  readonly aliases: readonly string[]
}

const IDENTIFIERS: readonly string[] = [NAME.userId, NAME.serialNumber, NAME.organizationIdentifier]

/**
 * Whether a certificate is an agency's own seal: its common name is the agency's name, code or an alias, or an identifier
 * in it is the code or an alias (`MNS:H17.13`). A department's seal names the ministry as organisation and is not its seal.
 */
export function isSealOf({ subject }: Pick<Certificate, 'subject'>, agency: KnownAgency): boolean {
  const named = { signerKind: 'agency', signerName: signerName(subject) ?? '' } as const
  const codes = [agency.code, ...agency.aliases]
  const identifiers = subject
    .filter(({ oid }) => IDENTIFIERS.includes(oid))
    .map(({ value }) => value.trim().replace(/^[A-Za-z]+:\s*/, ''))
  return (
    codes.some((code) => isOfSender(named, { code, name: agency.name })) ||
    (signerKind(subject) === 'agency' && identifiers.some((one) => codes.includes(one)))
  )
}

/**
 * A seal under another's name would count for nobody, and could pass for that other's (NĐ 30/2020 art. 5): one whose name
 * differs is kept only where the administrator says that it is the agency's all the same.
 * @returns whether it was that word that let it pass
 * @throws GatewayError `request-invalid` for a person's certificate, `agency-key-name-differs`
 */
export function checkOwner(own: Certificate, agency: KnownAgency, isConfirmed: boolean): boolean {
  const names = namesIn(own)
  if (signerKind(own.subject) === 'person')
    throw unusableKey('key', {
      vi: `Chứng thư thuộc cá nhân (${names}), không phải con dấu của ${agency.name}.`,
      en: `The certificate belongs to a person (${names}) and is no seal of ${agency.name}.`,
    })
  if (isSealOf(own, agency)) return false
  if (isConfirmed) return true
  throw new GatewayError('agency-key-name-differs', {
    detail: {
      vi: `Chứng thư thuộc ${names}, không phải con dấu của ${agency.name} (${agency.code}).`,
      en: `The certificate belongs to ${names} and is no seal of ${agency.name} (${agency.code}).`,
    },
  })
}

/** Everything that a certificate calls its holder. */
export function namesIn({ subject }: Pick<Certificate, 'subject'>): string {
  const names = [...new Set([signerName(subject) ?? '', ...signerOrganisations(subject)])]
  return names.filter((name) => name !== '').join(', ') || '?'
}

/**
 * A seal whose certificate leads to no anchor would be trusted by nobody, this gateway included. Whether it was revoked
 * is asked when its seals are verified.
 * @param now for a certificate that has yet to begin, its beginning counts
 * @throws GatewayError `request-invalid`
 */
export function checkTrust([own, ...above]: readonly Certificate[], trust: TrustStore, now: Date): void {
  const { status } = validatePath(own!, {
    anchors: trust.anchors,
    material: { ...NO_MATERIAL, certificates: [...above, ...trust.intermediates] },
    time: own!.notBefore > now ? own!.notBefore : now,
    purpose: 'signature',
    revocation: 'none',
  })
  if (status === 'valid') return
  throw unusableKey('key', {
    vi: 'Chứng thư không dẫn tới tổ chức chứng thực nào trong kho tin cậy (TRAM_TRUST).',
    en: 'The certificate leads to no authority of the trust store (TRAM_TRUST).',
  })
}

/** Why a key that was handed over is not taken, at the field of the request that it came in. */
export const unusableKey = (field: string, hint: Bilingual, cause?: unknown): GatewayError =>
  new GatewayError('request-invalid', {
    cause,
    faults: [{ code: 'agency-key-unusable', severity: 'error', path: `#/body/${field}`, hint }],
  })
