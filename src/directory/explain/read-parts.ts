import { type DelegationRecord, listDelegations } from '../../db/delegations.ts'
import { factsUndone } from '../../db/directory-undone.ts'
import type { Queryable } from '../../db/pool.ts'
import { findRoutingTable, listTablesFrom, type RoutingTable } from '../../db/routing.ts'
import { type UsableChannels, WITHOUT_CONNECTOR } from '../../domain/channel-id.ts'
import { GatewayError } from '../../domain/problem.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { ExplainParts } from './question.ts'

export interface WhichParts {
  readonly sender: string
  readonly at: Date
  /** The directory as it was known with this revision; the present one where left out. */
  readonly directoryRevision?: number
  /** This table, whenever it was in force; the one of the time in question where left out. */
  readonly routingRevision?: number
  /** Those without a connector where left out. */
  readonly usable?: UsableChannels
}

const MOST_DELEGATIONS = 1_000

/**
 * What an explanation is made from, as known now or as it was known.
 * @param present the directory of the latest revision that is known here
 * @throws GatewayError `not-found` for a revision that does not exist
 */
export async function readParts(
  db: Queryable,
  present: DirectorySnapshot,
  which: WhichParts,
): Promise<ExplainParts> {
  const directory = await directoryOf(db, present, which.directoryRevision)
  const delegations = await delegationsOf(db, directory, which)
  const { usable = WITHOUT_CONNECTOR } = which
  return { directory, ...(await tableOf(db, which)), delegations, usable }
}

/** The present directory with whatever was said since taken out of it: little is read, and most is shared. */
async function directoryOf(
  db: Queryable,
  present: DirectorySnapshot,
  revision: number | undefined,
): Promise<DirectorySnapshot> {
  if (revision === undefined || revision === present.revision) return present
  if (revision > present.revision) throw noRevision('danh bạ', 'directory', revision)
  const { restored, unsaid } = await factsUndone(db, present.revision, revision)
  return present.with(revision, restored, unsaid)
}

async function delegationsOf(
  db: Queryable,
  directory: DirectorySnapshot,
  { sender, at }: WhichParts,
): Promise<readonly DelegationRecord[]> {
  const named = directory.codeOf(sender, vietnamDay(at))
  return named === undefined ? [] : listDelegations(db, { agency: named.code, limit: MOST_DELEGATIONS })
}

type Tables = Pick<ExplainParts, 'table' | 'tableBecause' | 'next'>

async function tableOf(db: Queryable, { at, routingRevision }: WhichParts): Promise<Tables> {
  if (routingRevision === undefined) return tableAt(await listTablesFrom(db, at), at)
  const table = await findRoutingTable(db, routingRevision)
  if (table === undefined) throw noRevision('bảng định tuyến', 'routing table', routingRevision)
  return { table, tableBecause: 'asked-for', next: null }
}

/** @param tables the one in force at the instant where there was one, and all later ones */
export function tableAt(tables: readonly RoutingTable[], at: Date): Tables {
  const byTime = [...tables].sort(
    (a, b) => a.effectiveFrom.getTime() - b.effectiveFrom.getTime() || a.revision - b.revision,
  )
  const first = byTime[0]
  if (first === undefined) throw new Error('no routing table: the migrations have not run')
  const inForce = byTime.findLast(({ effectiveFrom }) => effectiveFrom <= at)
  const next = byTime.find(({ effectiveFrom }) => effectiveFrom > at) ?? null
  return inForce === undefined
    ? { table: first, tableBecause: 'earliest', next: byTime[1] ?? null }
    : { table: inForce, tableBecause: 'in-force', next }
}

const noRevision = (vi: string, en: string, revision: number): GatewayError =>
  new GatewayError('not-found', {
    detail: {
      vi: `Không có phiên bản ${revision} của ${vi}.`,
      en: `There is no revision ${revision} of the ${en}.`,
    },
  })
