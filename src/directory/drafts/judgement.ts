import { databaseNow } from '../../db/now.ts'
import type { Queryable } from '../../db/pool.ts'
import { listTierLifetimes, type TierLifetime } from '../../db/tiers.ts'
import type { UsableChannels } from '../../domain/channel-id.ts'
import type { Delta } from '../../domain/directory/fact.ts'
import type { Fault } from '../../domain/fault.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Registry } from '../snapshot/holder.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { DraftDependencies } from './dependencies.ts'

/** What the content of a draft is held against. */
export interface World {
  readonly registry: Registry
  readonly now: Date
  readonly tiers: readonly TierLifetime[]
  readonly usable: UsableChannels
  readonly allowHttp: boolean
}

/** What there is to say of a draft before it is applied. */
export interface Judgement {
  /** What refuses it. */
  readonly errors: readonly Fault[]
  /** What is let through, and shown to whoever approves. */
  readonly warnings: readonly Fault[]
  /** What it does to the directory; nothing where it is a routing table. */
  readonly delta: Delta
  /** The directory as it would be with it, by the number of the revision before. */
  readonly after: DirectorySnapshot
  /** Codes of the directory that it is about. */
  readonly subjects: readonly AgencyCode[]
}

export interface Approval {
  /** Who wrote the version that is applied. */
  readonly author: string
  readonly approver: string
}

/** What an approved draft has become. */
export interface Applied {
  readonly revision: number
  /** When a routing table takes effect; null: the facts of a directory have days of their own. */
  readonly effectiveFrom: Date | null
}

/** The world as `db` sees it now. */
export async function worldOf(
  { registry, usable, allowHttp }: DraftDependencies,
  db: Queryable,
): Promise<World> {
  return {
    registry: await registry.upToDate(db),
    now: await databaseNow(db),
    tiers: await listTierLifetimes(db),
    usable,
    allowHttp,
  }
}
