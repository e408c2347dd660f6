import type { Service } from '../../scripts/services/service.ts'
import type { Pool } from '../../src/db/pool.ts'
import type { TrustStore } from '../../src/signature/trust-anchor.ts'
import type { FakeAgency } from '../fakes/fake-agency.ts'
import type { Journal } from './journal.ts'
import type { Receiver } from './receiver.ts'
import type { CommandOutcome } from './run-program.ts'
import type { System } from './system.ts'

/** A process of Tram that a trial may break and start again under the same configuration. */
export interface Member {
  /** `api 1`, `worker 2`. */
  readonly name: string
  readonly kind: 'api' | 'worker'
  /** Where it answers; of a worker its health and metrics. */
  readonly url: string
  readonly pid: number
  readonly running: boolean
  /** Sends a signal without waiting: SIGSTOP and SIGCONT make a process that hangs. */
  signal(signal: NodeJS.Signals): void
  /** Ends it by this signal; resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again and waits until it is ready, with these settings over its own. */
  start(variables?: Readonly<Record<string, string>>): Promise<void>
  /** Starts it without waiting until it is ready. */
  launch(variables?: Readonly<Record<string, string>>): void
  /** Whether it says that it is ready. */
  isReady(): Promise<boolean>
  /** Resolves when the process that runs now is gone: by SIGKILL, or otherwise, as where it finds its database away. */
  ended(): Promise<'killed' | 'exited'>
  /** Ends it for good: nothing starts it again. */
  close(): Promise<void>
}

export interface Servers {
  readonly postgres: Service
  /** Null where the queue stands in PostgreSQL. */
  readonly redis: Service | null
}

/** What senders and receivers do while a trial goes on. */
export interface Traffic {
  /** Documents that were confirmed so far. */
  readonly accepted: number
  /** Documents that are due and wait in their senders' own queues. */
  readonly queued: number
  /** The most that ever were. */
  readonly mostQueued: number
  /**
   * No new documents; resolves when everything that is due was sent and has its answer.
   * @throws Error where that takes too long, naming what waits since when
   */
  stop(): Promise<void>
  /** Resolves when everything that was accepted lies where it belongs, and is acknowledged and receipted. */
  settled(timeoutMs: number): Promise<void>
}

export interface TrafficOptions {
  /**
   * Documents due each second, whether or not earlier ones are answered (an open system); Infinity for as many as there
   * are places for (a closed one).
   */
  readonly rate: number
  /** Requests under way at once, of all senders; what is due meanwhile waits in their queues. */
  readonly atOnce?: number
  /** Where it is looked whether everything is at rest; the database of the world where left out. */
  readonly pool?: Pool
  /** Part of the documents that are recalled or updated. */
  readonly changed?: number
}

/** Everything a trial plays with: real servers, several APIs and workers on one database, and who sends and receives. */
export interface World {
  /**
   * Printed with every failure. What is drawn comes from it: who dies when, which documents are sent; not the order in which
   * processes get their turn.
   */
  readonly seed: number
  readonly random: () => number
  readonly queue: 'redis' | 'postgres'
  /** Everything lies in it: logs as `api-1.log`, the journal, data of the servers in `services`. */
  readonly folder: string
  readonly servers: Servers
  readonly members: readonly Member[]
  /** The endpoints of the agencies that are told by push, by code: each behaves as it is told. */
  readonly endpoints: ReadonlyMap<string, FakeAgency>
  /** The systems of the agencies, by code: for what a trial asks beside its traffic. */
  readonly systems: ReadonlyMap<string, System>
  /** Who takes what lies in the inboxes, by agency. */
  readonly receivers: ReadonlyMap<string, Receiver>
  /** Of the trial itself; never through what it breaks. */
  readonly pool: Pool
  /** Folder of the blob store. */
  readonly blobs: string
  /** The configuration of every process. */
  readonly variables: Readonly<Record<string, string>>
  /** What the seals and receipts of this gateway lead to. */
  readonly trust: TrustStore
  readonly journal: Journal
  /** Runs `tram <args>` in a process of its own, with these variables over those of every process. */
  tram(args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<CommandOutcome>
  /** Aborted as everything is taken down: whatever waits for something ends. */
  readonly over: AbortSignal
  traffic(options: TrafficOptions): Traffic
  /** One line for who watches. */
  tell(line: string): void
}
