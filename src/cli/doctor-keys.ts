import { createPrivateKey, X509Certificate } from 'node:crypto'
import { directoryBlobStore } from '../blobs/directory-store.ts'
import type { Config } from '../config.ts'
import { openSealKeys, pushPublicKey } from '../context.ts'
import { loadPolicies } from '../signature/policy/load-policies.ts'
import { loadTrustStore } from '../signature/trust-store.ts'
import type { Check, Finding } from './finding.ts'

const DAY_MS = 86_400_000
/** Days before the end of a certificate from which it is warned of: renewing one takes an agency weeks. */
const WARN_DAYS = 30

/** What the API's process reads when it starts: keys, certificates, trust anchors, blob store. */
export function keyChecks(config: Config): Check[] {
  return [
    {
      what: 'con dấu/seal certificate',
      async look() {
        const keys = await openSealKeys(config)
        try {
          return judge(keys.at(new Date()).certificateChain.map(({ x509 }) => x509))
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
        return judge(anchors.map(({ certificate }) => certificate.x509))
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
        const listeners = [config.http.tls, config.axis?.tls ?? null].filter((tls) => tls !== null)
        if (listeners.length === 0) return { outcome: 'ok', detail: 'none: TLS ends before this server' }
        return judge(listeners.map(({ certificate }) => new X509Certificate(certificate)))
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
    {
      what: 'kho tệp/blob store',
      async look() {
        await directoryBlobStore(config.blobs).probe()
        return { outcome: 'ok', detail: `${config.blobs} is writable` }
      },
    },
  ]
}

type Found = Omit<Finding, 'what'>

/** Certificates are as good as the one that ends first. */
function judge(certificates: readonly X509Certificate[]): Found {
  const [first] = [...certificates].sort((a, b) => Date.parse(a.validTo) - Date.parse(b.validTo))
  if (first === undefined) return { outcome: 'failed', detail: 'no certificate' }
  const days = Math.floor((Date.parse(first.validTo) - Date.now()) / DAY_MS)
  const name = first.subject.replaceAll('\n', ', ')
  const detail = `${certificates.length} read; the first to end on ${new Date(first.validTo).toISOString().slice(0, 10)} (${days} days): ${name}`
  if (days < 0) return { outcome: 'failed', detail }
  return { outcome: days < WARN_DAYS ? 'warning' : 'ok', detail }
}
