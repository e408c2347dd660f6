import type { Pool } from '../../db/pool.ts'
import type { UsableChannels } from '../../domain/channel-id.ts'
import type { RegistryHolder } from '../snapshot/holder.ts'

/** What drafts are judged and applied with. */
export interface DraftDependencies {
  readonly pool: Pool
  readonly registry: Pick<RegistryHolder, 'upToDate'>
  /** Channels that this installation can send by. */
  readonly usable: UsableChannels
  /** Development only: lets the URL of an endpoint be plain http. */
  readonly allowHttp: boolean
  /** Whoever waits for the judging of a draft has gone away: it stops. */
  readonly signal?: AbortSignal
}

/** Who takes a step: a client that has proven who it is, over HTTP or on the command line. */
export interface Actor {
  readonly clientId: string
}
