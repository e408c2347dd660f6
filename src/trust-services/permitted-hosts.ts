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
  let known: { readonly of: TrustStore['anchors']; readonly hosts: ReadonlySet<string> } | undefined
  /** The trust store may be another one today than yesterday. */
  const hosts = () => {
    if (known?.of !== trust.anchors) known = { of: trust.anchors, hosts: hostsOf(listed, trust) }
    return known.hosts
  }
  return {
    get isEmpty() {
      return hosts().size === 0
    },
    permits(url) {
      const host = hostOf(url)
      if (host === undefined) return false
      return hosts().has(host) || [...hosts()].some((one) => one.startsWith('.') && host.endsWith(one))
    },
  }
}

function hostsOf(listed: readonly string[], trust: TrustStore): ReadonlySet<string> {
  const own = [...trust.anchors.map(({ certificate }) => certificate), ...trust.intermediates]
    .map(statusUrls)
    .flatMap(({ ocsp, crl }) => [...ocsp, ...crl])
    .flatMap((url) => hostOf(url) ?? [])
  return new Set([...own, ...listed.map((host) => host.toLowerCase())])
}

const hostOf = (url: string): string | undefined =>
  URL.canParse(url) ? new URL(url).hostname.toLowerCase() : undefined
