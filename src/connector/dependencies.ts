import type { AxisClient } from '../axis/client-types.ts'
import type { Connector } from '../domain/axis/connector.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { IntakeDependencies } from '../intake/submission.ts'
import type { Line } from './line.ts'
import type { PollWatch } from './poll-watch.ts'

/** What taking in from one exchange works with. */
export interface ArrivalDependencies {
  readonly intake: IntakeDependencies
  /** Agencies whose systems are connected here, each with everybody beneath: nobody else brings packets in their names. */
  readonly home: readonly AgencyCode[]
  readonly connector: Connector
  readonly client: AxisClient
  readonly line: Line
  /** Told how asking for the lists goes. */
  readonly watch: PollWatch
  /** As whom the exchange is on record (`recordGateway`). */
  readonly caller: Caller
  /** Told what goes wrong and is tried again. */
  readonly warn: (facts: Readonly<Record<string, unknown>>, message: string) => void
}
