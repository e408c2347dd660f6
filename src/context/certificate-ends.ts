import { createHash, X509Certificate } from 'node:crypto'
import type { Config } from '../config.ts'
import { listAgencyKeys } from '../db/agency-keys.ts'
import type { Pool } from '../db/pool.ts'
import type { CertificateEnd, CertificateUse } from '../domain/certificate-end.ts'
import type { SignerRing } from '../signature/keys/signer-ring.ts'
import type { TrustStore } from '../signature/trust-store.ts'

export interface CertificateHolders {
  readonly config: Pick<Config, 'http' | 'axis' | 'connectors'>
  readonly pool: Pool
  readonly sealKeys: Pick<SignerRing, 'all'>
  readonly trust: TrustStore
}

/**
 * Every certificate that the API lives by, each once for each use: its seals and their issuers' too, TLS, connectors,
 * trust anchors, and the keys that agencies keep here. @throws GatewayError `database-unavailable`
 */
export async function certificateEnds(holders: CertificateHolders): Promise<CertificateEnd[]> {
  const { config, pool, sealKeys, trust } = holders
  const listeners = [config.http.tls, config.axis?.tls ?? null]
  const exchanges = config.connectors?.all ?? []
  const kept = await listAgencyKeys(pool, {})
  const all = [
    ...sealKeys
      .all()
      .flatMap(({ certificateChain }) => certificateChain.map(({ x509 }) => endOf('seal', x509))),
    ...listeners.flatMap((tls) => pemEnds('tls', tls?.certificate)),
    ...listeners.flatMap((tls) => pemEnds('client-authority', tls?.clientCa)),
    ...exchanges.flatMap(({ clientCertificate: own }) => pemEnds('connector', own?.certificate)),
    ...exchanges.flatMap(({ authorities }) => pemEnds('connector-authority', authorities)),
    ...trust.anchors.map(({ certificate }) => endOf('trust-anchor', certificate.x509)),
    ...trust.intermediates.map(({ x509 }) => endOf('intermediate', x509)),
    ...kept.map(({ agency, subject, certificateSha256, notBefore, notAfter }) => ({
      use: 'agency-seal' as const,
      subject,
      sha256: certificateSha256,
      notBefore,
      notAfter,
      agency,
    })),
  ]
  return [...new Map(all.map((one) => [`${one.use} ${one.sha256}`, one])).values()].sort(
    (a, b) => a.notAfter.getTime() - b.notAfter.getTime(),
  )
}

const endOf = (use: CertificateUse, x509: X509Certificate): CertificateEnd => ({
  use,
  subject: x509.subject.replaceAll('\n', ', '),
  sha256: createHash('sha256').update(x509.raw).digest('hex'),
  notBefore: new Date(x509.validFrom),
  notAfter: new Date(x509.validTo),
  agency: null,
})

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const pemEnds = (use: CertificateUse, pem: string | null | undefined): CertificateEnd[] =>
  (pem?.match(PEM) ?? []).map((text) => endOf(use, new X509Certificate(text)))
