import type { Queryable } from '../../db/pool.ts'
import type { RoutingTable } from '../../db/routing.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/** Directory and routing tables as they were read together: what one decision is made from. */
export interface Registry {
  readonly directory: DirectorySnapshot
  /** The routing tables that are or will be in force, the latest to take effect first. */
  readonly tables: readonly RoutingTable[]
}

/**
 * Keeps the registry of a process: read whole when it is opened, brought up to date by what was written since. Told of
 * changes by LISTEN, and looks by itself each second, so that it is never older than two.
 */
export interface RegistryHolder {
  /**
   * The registry as this process knows it: no I/O.
   * @throws GatewayError `database-unavailable` where none could be read since the process began
   */
  current(): Registry
  /**
   * The registry as of what `db` sees now: where this process is behind, what was written since is read first. For
   * decisions that must not be made from an older one: acceptance, and every change. What a transaction has written
   * itself is in the answer, and in nobody else's before it is committed.
   * @throws GatewayError `database-unavailable`
   */
  upToDate(db: Queryable): Promise<Registry>
  /** The same, with the time by the database's clock from the same statement. */
  asOfNow(db: Queryable): Promise<{ readonly now: Date; readonly registry: Registry }>
  /** Seconds since the database was last seen to know no more than this process. */
  ageSeconds(): number
  close(): Promise<void>
}
