import { axisClient } from '../axis/client.ts'
import type { AxisClient } from '../axis/client-types.ts'
import { type Connector, type Connectors, connectorFor } from '../domain/axis/connector.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import { Reach } from './reach.ts'

/** Another exchange, as this process sees it. */
export interface Exchange {
  readonly connector: Connector
  readonly client: AxisClient
  readonly reach: Reach
}

/** The exchanges of which this gateway is a client. To be closed. */
export interface Exchanges {
  /** How this gateway calls itself to them; null where there are none. */
  readonly traceId: string | null
  readonly all: readonly Exchange[]
  /** @param gateway as the route of a delivery names it */
  find(channel: ChannelId, gateway: string | undefined): Exchange | undefined
  close(): Promise<void>
}

/** @param maxPacketBytes of the longest packet that is fetched from one */
export function openExchanges(connectors: Connectors | null, maxPacketBytes: number): Exchanges {
  const all = (connectors?.all ?? []).map((connector) => ({
    connector,
    client: axisClient(connector, { maxPacketBytes }),
    reach: new Reach(),
  }))
  return {
    traceId: connectors?.traceId ?? null,
    all,
    find: (channel, gateway) => {
      const wanted = connectorFor(connectors, channel, gateway)
      return all.find(({ connector }) => connector === wanted)
    },
    async close() {
      await Promise.all(all.map(({ client }) => client.close()))
    },
  }
}
