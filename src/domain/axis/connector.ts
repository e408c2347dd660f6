import { CHANNELS, type ChannelId, type UsableChannels, WITHOUT_CONNECTOR } from '../channel-id.ts'
import type { AgencyCode } from '../identifiers.ts'

/**
 * Another exchange of which this gateway is a client, over the axis interface: the national axis, which writes packets
 * anew on their way, or a gateway like this one, which leaves bytes and seals as they are.
 */
export interface Connector {
  /** Kebab-case; names it in records and commands. */
  readonly name: string
  readonly channel: ConnectorChannelId
  /** The agency that runs it, as routing rules name it (`gateway`); null for the national axis. */
  readonly gateway: AgencyCode | null
  /** With any prefix; operations are appended. */
  readonly url: string
  readonly systemId: string
  readonly secret: string
  /** Whether the gateway's TraceHeader is written into packets that go there. A gateway is told beside the packet. */
  readonly addsTraceHeader: boolean
  readonly pollSeconds: number
  readonly timeoutMs: number
  /** PEM of authorities of its TLS certificate, beside the public ones; null: only those. */
  readonly authorities: string | null
  /** PEM of the certificate and key that this gateway shows; null: none. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null
}

export type ConnectorChannelId = 'national-axis' | 'gateway'

export interface Connectors {
  /** How this gateway calls itself in TraceHeaders. */
  readonly traceId: string
  /**
   * Agencies whose systems are connected here, each with everybody beneath it: no connector may bring a packet in the
   * name of one of them.
   */
  readonly home: readonly AgencyCode[]
  readonly all: readonly Connector[]
}

/** The connector by which a delivery leaves; undefined where there is none. @param gateway as its route names it */
export const connectorFor = (
  connectors: Connectors | null,
  channel: ChannelId,
  gateway: string | null | undefined,
): Connector | undefined =>
  connectors?.all.find(
    (one) => one.channel === channel && (channel !== 'gateway' || one.gateway === (gateway ?? null)),
  )

export const isConnectorChannel = (channel: ChannelId): channel is ConnectorChannelId =>
  CHANNELS[channel].needs === 'connector'

/** What an installation with these connectors can use. */
export const usableWith = (connectors: Connectors | null): UsableChannels => ({
  has: (channel, gateway) =>
    WITHOUT_CONNECTOR.has(channel) ||
    (gateway === undefined
      ? (connectors?.all ?? []).some((one) => one.channel === channel)
      : connectorFor(connectors, channel, gateway) !== undefined),
})
