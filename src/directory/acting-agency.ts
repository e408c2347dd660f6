import { hasDelegation } from '../db/agencies.ts'
import type { Pool } from '../db/pool.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { directoryOn } from './agencies.ts'
import type { RegistryHolder } from './snapshot/holder.ts'

/**
 * The agency for which a caller acts: his own, or one that he names, by code or alias, and holds a delegation of today.
 * A delegation is held by an agency that is open: with the delegate it ends.
 * @throws GatewayError `delegation-missing`, `scope-insufficient` where the caller belongs to no agency
 */
export async function actingAgency(
  dependencies: { readonly pool: Pool; readonly registry: RegistryHolder },
  caller: Caller,
  named: string | undefined,
): Promise<AgencyCode> {
  if (caller.agency === null) throw new GatewayError('scope-insufficient')
  if (named === undefined || named === caller.agency) return caller.agency
  const { directory, day } = await directoryOn(dependencies)
  const code = directory.codeOf(named, day)?.code
  if (code === caller.agency) return code
  const mayAct = code !== undefined && directory.isOpen(caller.agency, day)
  if (mayAct && (await hasDelegation(dependencies.pool, code, caller.agency, day))) return code
  throw new GatewayError('delegation-missing')
}
