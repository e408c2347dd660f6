import type { AxisClient, AxisFailure } from '../axis/client-types.ts'
import { databaseNow } from '../db/now.ts'
import { listTierLifetimes } from '../db/tiers.ts'
import { recordGateway } from '../directory/clients.ts'
import type { DraftDependencies } from '../directory/drafts/dependencies.ts'
import { readContent } from '../directory/drafts/read-content.ts'
import { inSlices } from '../directory/slices.ts'
import type { Connector } from '../domain/axis/connector.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { askDirectory } from './ask-directory.ts'
import { compareTold } from './compare-told.ts'
import { type Proposed, proposeSync } from './propose-sync.ts'
import { soundActs } from './sound-acts.ts'
import type { SyncRemark } from './sync-remarks.ts'

export interface SyncDependencies {
  readonly drafts: DraftDependencies
  readonly connector: Pick<Connector, 'name'>
  readonly client: Pick<AxisClient, 'getAgenciesList' | 'getAgenciesListQD20' | 'getSynchronizeUnit'>
  /** Agencies whose systems are connected here: of them, and of everybody beneath, nobody else's word counts. */
  readonly home: readonly AgencyCode[]
}

export interface SyncRound {
  /** `failed`: its lists could not be had. */
  readonly outcome: Proposed['outcome'] | 'failed' | 'dry-run'
  /** The draft that waits; null where there is none. */
  readonly draft: string | null
  /** Agencies that the other exchange tells of. */
  readonly told: number
  readonly acts: number
  /** Acts beyond those that one draft holds: they come once this one is approved. */
  readonly left: number
  /** What was left out. */
  readonly remarks: readonly SyncRemark[]
  readonly failure: AxisFailure | null
}

export interface SyncWishes {
  /** Tells what a draft would hold, and writes none. */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

/** Acts of one draft. */
const MOST_ACTS = 20_000

/**
 * Holds the directory of another exchange against ours, and submits what distinguishes them as one draft in the
 * exchange's name, in the place of the one of an earlier round that still waits. Nothing of it is live before an
 * administrator approves it. Where both say the same there is no draft.
 * @throws GatewayError `revision-conflict` where the directory was changed meanwhile, `database-unavailable`: the next
 *   round makes it good
 */
export async function syncDirectory(
  { drafts, connector, client, home }: SyncDependencies,
  { dryRun = false, signal }: SyncWishes = {},
): Promise<SyncRound> {
  const answer = await askDirectory(client, signal)
  if (!answer.ok) return failed(answer.failure)
  const { pool, registry } = drafts
  const { directory } = await registry.upToDate(pool)
  const day = vietnamDay(await databaseNow(pool))
  const compared = await inSlices(compareTold(answer.value, { directory, day, home }), signal)
  const first = compared.acts.slice(0, MOST_ACTS)
  const context = { today: day, tiers: await listTierLifetimes(pool) }
  const sound = await inSlices(soundActs(directory, first, context), signal)
  const round = {
    told: answer.value.agencies.length,
    acts: sound.acts.length,
    left: compared.acts.length - first.length,
    remarks: [...compared.remarks, ...sound.remarks],
    failure: null,
  }
  if (dryRun) return { ...round, outcome: 'dry-run', draft: null }
  const { clientId } = await recordGateway(pool, connector.name)
  const content = await readContent('directory', sound.acts)
  const proposed = await proposeSync(drafts, {
    author: { clientId },
    title: `Đồng bộ danh bạ từ ${connector.name}`,
    content,
    base: directory.revision,
    remarks: round.remarks,
  })
  return { ...round, ...proposed }
}

const failed = (failure: AxisFailure): SyncRound => ({
  outcome: 'failed',
  draft: null,
  told: 0,
  acts: 0,
  left: 0,
  remarks: [],
  failure,
})
