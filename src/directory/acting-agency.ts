import { findAgencies, hasDelegation } from '../db/agencies.ts'
import { databaseNow } from '../db/now.ts'
import type { Queryable } from '../db/pool.ts'
import { isOpenOn } from '../domain/agency.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'

/**
 * The agency for which a caller acts: his own, or one that he names, by code or alias, and holds a delegation of today.
 * A delegation is held by an agency that is open: with the delegate it ends.
 * @throws GatewayError `delegation-missing`, `scope-insufficient` where the caller belongs to no agency
 */
export async function actingAgency(
  db: Queryable,
  caller: Caller,
  named: string | undefined,
): Promise<AgencyCode> {
  if (caller.agency === null) throw new GatewayError('scope-insufficient')
  if (named === undefined || named === caller.agency) return caller.agency
  const found = await findAgencies(db, [named, caller.agency])
  const [code, own] = [found.get(named)?.code, found.get(caller.agency)]
  if (code === caller.agency) return code
  const day = vietnamDay(await databaseNow(db))
  const mayAct = code !== undefined && own !== undefined && isOpenOn(own, day)
  if (mayAct && (await hasDelegation(db, code, caller.agency, day))) return code
  throw new GatewayError('delegation-missing')
}
