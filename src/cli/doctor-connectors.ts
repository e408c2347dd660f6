import { X509Certificate } from 'node:crypto'
import { openExchanges } from '../delivery/exchanges.ts'
import { DEFAULT_CLOCK_TOLERANCE_SECONDS } from '../domain/axis/axis-system.ts'
import type { Connector, Connectors } from '../domain/axis/connector.ts'
import type { Check, Finding } from './finding.ts'
import { greet } from './greet.ts'
import { judgeCertificates } from './judge-certificates.ts'

/** Less than what a check of the doctor may take. */
const LONGEST_MS = 4_000
/** Seconds by which clocks may differ before that is told. */
const MOST_DRIFT = 60

type Found = Omit<Finding, 'what'>

/** Whether the exchanges can be used of which this gateway is a client. One that is away is no fault of this machine. */
export function connectorChecks(connectors: Connectors | null): Check[] {
  if (connectors === null) return []
  return connectors.all.flatMap((connector) => [
    { what: `trục khác/exchange ${connector.name}`, look: () => lookAtServer(connector) },
    { what: `tài khoản tại/account at ${connector.name}`, look: () => lookAtAccount(connectors, connector) },
  ])
}

/** TLS certificates of both sides, and the clocks by which requests are signed. */
async function lookAtServer(connector: Connector): Promise<Found> {
  const greeting = await greet(connector, LONGEST_MS).catch((error: Error) => error)
  if (greeting instanceof Error) return away(greeting.message)
  const { tls, aheadSeconds } = greeting
  const drift = aheadSeconds === null ? 0 : Math.abs(aheadSeconds)
  const clock =
    aheadSeconds === null
      ? 'it tells no time'
      : `its clock is ${drift.toFixed(0)} s ${aheadSeconds > 0 ? 'behind' : 'ahead of'} this machine's`
  if (tls !== null && tls.fault !== null)
    return { outcome: 'failed', detail: `its certificate is not trusted (${tls.fault}); ${clock}` }
  const own = connector.clientCertificate
  const certificates = [
    ...(tls === null ? [] : [tls.certificate]),
    ...(own === null ? [] : [new X509Certificate(own.certificate)]),
  ]
  const judged: Found =
    certificates.length === 0 ? { outcome: 'ok', detail: 'without TLS' } : judgeCertificates(certificates)
  const detail = `${judged.detail}; ${clock}`
  if (judged.outcome === 'failed' || drift > DEFAULT_CLOCK_TOLERANCE_SECONDS)
    return { outcome: 'failed', detail }
  return { outcome: drift > MOST_DRIFT ? 'warning' : judged.outcome, detail }
}

/** Asks for something that changes nothing. Not every exchange counts: then its list of agencies is as good. */
async function lookAtAccount({ traceId, home }: Connectors, connector: Connector): Promise<Found> {
  const brief = { ...connector, timeoutMs: Math.min(connector.timeoutMs, LONGEST_MS) }
  const exchanges = openExchanges({ traceId, home, all: [brief] }, 0)
  try {
    const { client } = exchanges.all[0]!
    const counted = await client.countReceiveEdoc()
    if (counted.ok) return { outcome: 'ok', detail: `${counted.value} documents wait there` }
    const { kind, code, detail } = counted.failure
    if (kind !== 'refused' && kind !== 'answer-invalid') return away(detail)
    const listed = await client.getAgenciesList()
    if (listed.ok) return { outcome: 'ok', detail: `it lists ${listed.value.items.length} agencies` }
    const why =
      kind === 'refused'
        ? `it refuses ${connector.systemId}: ${code}`
        : 'its answers are not those of the axis interface:'
    return { outcome: 'failed', detail: `${why} ${detail}` }
  } finally {
    await exchanges.close()
  }
}

const away = (reason: string): Found => ({
  outcome: 'warning',
  detail: `cannot be reached: ${reason || 'no answer'}; what is for it waits`,
})
