import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Config } from '../config.ts'
import type { Check } from './finding.ts'
import { judgeCertificates } from './judge-certificates.ts'

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The TLS of the door for systems that speak the axis interface, its chain and the authorities of clients. */
export const axisDoorCheck = ({ axis }: Pick<Config, 'axis'>): Check => ({
  what: 'cửa trục/axis door',
  async look() {
    if (axis === null) return { outcome: 'ok', detail: 'closed: TRAM_AXIS_PORT is not set' }
    const { tls, url, port } = axis
    if (tls === null)
      return { outcome: 'ok', detail: `port ${port}; TLS ends before it${url === null ? '' : `, as ${url}`}` }
    const { certificate, key, clientCa } = tls
    createSecureContext({ cert: certificate, key, ...(clientCa !== null && { ca: clientCa }) })
    const found = `${certificate}\n${clientCa ?? ''}`.match(PEM) ?? []
    const judged = judgeCertificates(found.map((pem) => new X509Certificate(pem)))
    const clients = clientCa === null ? 'no client certificates' : 'client certificates are asked for'
    return { ...judged, detail: `port ${port}, ${clients}; ${judged.detail}` }
  },
})
