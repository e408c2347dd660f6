import { axisClient } from '../../src/axis/client.ts'
import type { ArrivalDependencies } from '../../src/connector/dependencies.ts'
import { Line } from '../../src/connector/line.ts'
import { type PollRound, pollRound } from '../../src/connector/poll-round.ts'
import { PollWatch, type Tell } from '../../src/connector/poll-watch.ts'
import { searchArrivals } from '../../src/db/admin-arrivals.ts'
import type { Arrival } from '../../src/db/axis-arrival-record.ts'
import { recordGateway } from '../../src/directory/clients.ts'
import type { Connector } from '../../src/domain/axis/connector.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import type { TestGateway } from './gateway.ts'
import type { Teardown } from './temporary-folder.ts'

/** One exchange of which a test's gateway is a client. */
export interface Connected {
  readonly dependencies: ArrivalDependencies
  readonly warnings: string[]
  /** One round, by which time enough has passed for everything to be due. */
  round(): Promise<PollRound>
  arrivals(): Promise<Arrival[]>
  arrival(remoteId: string): Promise<Arrival | undefined>
}

/** @param given beside what every connector of a test has */
export async function connectTo(
  t: Teardown,
  { api }: Pick<TestGateway, 'api'>,
  url: string,
  home: readonly string[],
  given: Partial<Connector> = {},
): Promise<Connected> {
  const connector: Connector = {
    name: 'truc-thu',
    channel: 'national-axis',
    gateway: null,
    url,
    systemId: 'TRAM',
    secret: 'bí mật',
    addsTraceHeader: true,
    pollSeconds: 60,
    timeoutMs: 1_500,
    authorities: null,
    clientCertificate: null,
    ...given,
  }
  const { pool } = api
  const client = axisClient(connector, { maxPacketBytes: 10_000_000 })
  t.teardown(() => client.close())
  const warnings: string[] = []
  const warn: Tell = (facts, message) => void warnings.push(`${message}: ${JSON.stringify(facts)}`)
  const dependencies: ArrivalDependencies = {
    intake: api,
    home: home.map(agencyCode),
    connector,
    client,
    line: new Line(),
    watch: new PollWatch(connector.name, { warn, info: warn }),
    caller: await recordGateway(pool, connector.name),
    warn,
  }
  const arrivals = () => searchArrivals(pool, { limit: 10_000, connector: connector.name })
  return {
    dependencies,
    warnings,
    arrivals,
    arrival: async (remoteId) => (await arrivals()).find((one) => one.remoteId === remoteId),
    async round() {
      await pool.query(
        `update axis_arrival set next_attempt_at = clock_timestamp() - interval '1 hour' where connector = $1`,
        [connector.name],
      )
      await pool.query(
        `update axis_poll set polled_at = polled_at - interval '1 hour' where connector = $1`,
        [connector.name],
      )
      return pollRound(dependencies, new AbortController().signal)
    },
  }
}
