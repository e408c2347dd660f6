import { databaseNow } from '../db/now.ts'
import type { Pool, Queryable } from '../db/pool.ts'
import type { Caller } from '../domain/caller.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { type AgencyEntry, findAgencies } from './snapshot/agency-entry.ts'
import type { RegistryHolder } from './snapshot/holder.ts'
import type { DirectorySnapshot } from './snapshot/snapshot.ts'

export type Author = Pick<Caller, 'clientId'>

/** What is known of the directory, and the day for which it is asked. */
export interface DirectoryDay {
  readonly directory: DirectorySnapshot
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
}

/** The directory as of now, for a day: today, by the database's clock, where none is named. */
export async function directoryOn(
  { pool, registry }: { readonly pool: Pool | Queryable; readonly registry: RegistryHolder },
  day?: string,
): Promise<DirectoryDay> {
  const { directory } = await registry.upToDate(pool)
  return { directory, day: day ?? vietnamDay(await databaseNow(pool)) }
}

/** An agency by its code or an alias, as it is on a day. @throws GatewayError `not-found` */
export function getAgency({ directory, day }: DirectoryDay, spelling: string): AgencyEntry {
  const agency = findAgencies(directory, [spelling], day).get(spelling)
  if (agency === undefined) throw noSuchAgency(spelling)
  return agency
}

const noSuchAgency = (code: string): GatewayError =>
  new GatewayError('not-found', {
    detail: {
      vi: `Không có cơ quan nào mang mã ${code} trong danh bạ.`,
      en: `No agency in the directory has the code ${code}.`,
    },
  })
