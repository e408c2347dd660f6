import type { Connector } from '../domain/axis/connector.ts'
import type { AxisClient, AxisClientOptions } from './client-types.ts'

/** A client of another exchange. Redirects are not followed; answers have an end. To be closed. */
export function axisClient(_connector: Connector, _options: AxisClientOptions): AxisClient {
  throw new Error('not built yet')
}
