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
 * with a document names what its maker likes, and is not asked where it leads. Neither is another service on a permitted
 * host: a port that is not the scheme's own has to be named too, as `ocsp.ca.gov.vn:8080` or by the trust store's URL.
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
      const names = namesOf(url)
      return [...hosts()].some((one) =>
        names.some((name) => name === one || (one.startsWith('.') && name.endsWith(one))),
      )
    },
  }
}

function hostsOf(listed: readonly string[], trust: TrustStore): ReadonlySet<string> {
  const own = [...trust.anchors.map(({ certificate }) => certificate), ...trust.intermediates]
    .map(statusUrls)
    .flatMap(({ ocsp, crl }) => [...ocsp, ...crl])
    .flatMap((url) => namesOf(url)[0] ?? [])
  return new Set([...own, ...listed.map((host) => host.toLowerCase())])
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** The host, with its port where that is not the scheme's own; then with its port in any case. */
function namesOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return []
  const { host, hostname, port, protocol } = new URL(url)
  return [host, `${hostname}:${port || DEFAULT_PORTS[protocol]}`].map((name) => name.toLowerCase())
}
