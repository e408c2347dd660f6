import type { TrustStore } from '../signature/trust-store.ts'
import { statusUrls } from './status-urls.ts'

export interface PermittedHosts {
  /** Whether nobody may be asked. */
  readonly isEmpty: boolean
  permits(url: string): boolean
}

/**
 * Hosts that may be asked for the status of certificates: those on the operator's list, where `.ca.gov.vn` stands for
 * everything below it, and those that the certificates of the trust store name themselves. A certificate that arrives
 * with a document names what its maker likes, and is not asked where it leads.
 */
export function permittedHosts(listed: readonly string[], trust: TrustStore): PermittedHosts {
  const own = [...trust.anchors.map(({ certificate }) => certificate), ...trust.intermediates]
    .map(statusUrls)
    .flatMap(({ ocsp, crl }) => [...ocsp, ...crl])
    .flatMap((url) => hostOf(url) ?? [])
  const exact = new Set([...own, ...listed.map((host) => host.toLowerCase())])
  const suffixes = [...exact].filter((host) => host.startsWith('.'))
  return {
    isEmpty: exact.size === 0,
    permits(url) {
      const host = hostOf(url)
      return host !== undefined && (exact.has(host) || suffixes.some((suffix) => host.endsWith(suffix)))
    },
  }
}

const hostOf = (url: string): string | undefined =>
  URL.canParse(url) ? new URL(url).hostname.toLowerCase() : undefined
