import { type Ber, childrenOf, isContext, octetsOf, oidOf, readBer } from '../signature/formats/ber.ts'
import type { Certificate } from '../signature/x509/certificate.ts'

const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1'
const CRL_DISTRIBUTION_POINTS = '2.5.29.31'
const ID_AD_OCSP = '1.3.6.1.5.5.7.48.1'
const URI = 6
const EXTENSIONS = 3

/** A certificate that names more places than these has something else in mind. */
const MOST_URLS = 4
const LONGEST_URL = 1024

/** Where a certificate says that its status can be had. Its own words: to be asked only where that is permitted. */
export interface StatusUrls {
  readonly ocsp: readonly string[]
  readonly crl: readonly string[]
}

/** Reads AuthorityInfoAccess and CRLDistributionPoints (RFC 5280 §4.2.2.1, §4.2.1.13); http and https alone. */
export function statusUrls({ der }: Certificate): StatusUrls {
  try {
    const [tbs] = childrenOf(readBer(der))
    const extensions = childrenOf(childrenOf(childrenOf(tbs).find((one) => isContext(one, EXTENSIONS)))[0])
    return {
      ocsp: httpUrls(ocspLocations(extensionValue(extensions, AUTHORITY_INFO_ACCESS))),
      crl: httpUrls(fullNames(extensionValue(extensions, CRL_DISTRIBUTION_POINTS))),
    }
  } catch {
    return { ocsp: [], crl: [] }
  }
}

function extensionValue(extensions: readonly Ber[], id: string): Ber | undefined {
  const parts = extensions.map(childrenOf).find(([first]) => oidOf(first) === id)
  const octets = octetsOf(parts?.at(-1))
  return octets && readBer(octets)
}

const ocspLocations = (access: Ber | undefined): (Ber | undefined)[] =>
  childrenOf(access)
    .map(childrenOf)
    .filter(([method]) => oidOf(method) === ID_AD_OCSP)
    .map(([, location]) => location)

/** Of complete CRLs: a point for some reasons only, or of another issuer, says less than is needed. */
const fullNames = (points: Ber | undefined): (Ber | undefined)[] =>
  childrenOf(points)
    .map(childrenOf)
    .filter((fields) => !fields.some((field) => isContext(field, 1)))
    .flatMap((fields) => {
      const name = childrenOf(fields.find((field) => isContext(field, 0)))[0]
      return isContext(name, 0) ? childrenOf(name) : []
    })

function httpUrls(names: readonly (Ber | undefined)[]): string[] {
  const urls = names.flatMap((name) =>
    isContext(name, URI) && name.content.length <= LONGEST_URL
      ? [Buffer.from(name.content).toString('latin1')]
      : [],
  )
  return [...new Set(urls.filter((url) => /^https?:\/\/[\x21-\x7e]+$/i.test(url)))].slice(0, MOST_URLS)
}
