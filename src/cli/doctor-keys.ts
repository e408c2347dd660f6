import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Config } from '../config.ts'
import { openSealKeys, pushPublicKey } from '../context.ts'
import { loadPolicies } from '../signature/policy/load-policies.ts'
import { loadTrustStore } from '../signature/trust-store.ts'
import type { Check } from './finding.ts'
import { judgeCertificates } from './judge-certificates.ts'

/** What the API's process reads when it starts: keys, certificates, trust anchors. */
export function keyChecks(config: Config): Check[] {
  return [
    {
      what: 'con dấu/seal certificate',
      async look() {
        const keys = await openSealKeys(config)
        try {
          return judgeCertificates(keys.at(new Date()).certificateChain.map(({ x509 }) => x509))
        } finally {
          keys.close()
        }
      },
    },
    {
      what: 'gốc tin cậy/trust anchors',
      async look() {
        const { anchors } = await loadTrustStore(config.trust)
        if (anchors.length === 0) return { outcome: 'failed', detail: 'none: no signature can be trusted' }
        return judgeCertificates(anchors.map(({ certificate }) => certificate.x509))
      },
    },
    {
      what: 'chính sách chữ ký/signature policy',
      async look() {
        const policyFor = await loadPolicies(config.signaturePolicy ?? undefined)
        return {
          outcome: 'ok',
          detail: `${policyFor().id}, of ${config.signaturePolicy ?? 'the gateway itself'}`,
        }
      },
    },
    {
      what: 'chứng thư TLS/TLS certificate',
      async look() {
        const { tls } = config.http
        if (tls === null) return { outcome: 'ok', detail: 'none: TLS ends before this server' }
        return judgeCertificates([new X509Certificate(tls.certificate)])
      },
    },
    {
      what: 'khóa ký mã truy cập/token key',
      async look() {
        const { asymmetricKeyDetails } = createPrivateKey(config.tokenKey)
        const isFit = asymmetricKeyDetails?.namedCurve === 'prime256v1'
        return { outcome: isFit ? 'ok' : 'failed', detail: isFit ? 'EC P-256' : 'must be EC P-256' }
      },
    },
    {
      what: 'khóa ký thông báo/notice key',
      look: async () => ({ outcome: 'ok', detail: pushPublicKey(config) }),
    },
  ]
}
