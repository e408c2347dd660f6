import { recordEvents } from '../audit/record-events.ts'
import { findAgencies, listTiers } from '../db/agencies.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import {
  currentRoutingTable,
  insertRoutingTable,
  lockRoutingTable,
  type RoutingTable,
} from '../db/routing.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import type { TableRule } from '../domain/routing-rule.ts'
import { type Author, revisionConflict } from './agencies.ts'
import { agencyUnknown } from './delegations.ts'

/**
 * Puts a new revision of the routing table in force, if the one in force is still the one that the author saw.
 * Documents that are already on their way keep their routes.
 * @throws GatewayError `revision-conflict`; `request-invalid` with every rule that cannot work
 */
export function replaceRoutingTable(
  pool: Pool,
  author: Author,
  rules: readonly TableRule[],
  seenRevision: number,
): Promise<RoutingTable> {
  return inTransaction(pool, async (db) => {
    await lockRoutingTable(db)
    const before = await currentRoutingTable(db)
    if (before.revision !== seenRevision) throw revisionConflict(before.revision)
    const faults = await faultsOf(db, rules)
    if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
    const after = await insertRoutingTable(db, {
      rules,
      author: author.clientId,
      effectiveFrom: null,
      approvedBy: null,
      draftId: null,
    })
    await recordEvents(db, [
      {
        kind: 'route-changed',
        actor: author.clientId,
        detail: {
          before: { revision: before.revision, rules: before.rules },
          after: { revision: after.revision, rules: after.rules },
        },
      },
    ])
    return after
  })
}

async function faultsOf(db: Transaction, rules: readonly TableRule[]): Promise<Fault[]> {
  const codes = rules.flatMap(({ sender, recipient }) =>
    [sender, recipient].filter((one) => one !== undefined),
  )
  const agencies = await findAgencies(db, [...new Set(codes)])
  const tiers = await listTiers(db)
  const ids = rules.map((rule) => rule.id)
  return rules.flatMap((rule, index) => {
    const path = `#/body/rules/${index}`
    const faults: Fault[] = []
    if (ids.indexOf(rule.id) !== index) faults.push(idRepeated(`${path}/id`, rule.id))
    for (const field of ['sender', 'recipient'] as const) {
      const code = rule[field]
      if (code === undefined) continue
      // A rule is compared with codes: an alias would never match.
      const found = agencies.get(code)
      if (found?.code !== code) faults.push(agencyUnknown(`${path}/${field}`, code, found?.code))
    }
    if (rule.tier !== undefined && !tiers.includes(rule.tier))
      faults.push(tierUnknown(`${path}/tier`, rule.tier, tiers))
    return faults
  })
}

const idRepeated = (path: string, id: string): Fault => ({
  code: 'rule-id-repeated',
  severity: 'error',
  path,
  found: id,
  hint: {
    vi: `Có hơn một quy tắc mang mã ${id}.`,
    en: `More than one rule has the id ${id}.`,
  },
})

const tierUnknown = (path: string, tier: string, tiers: readonly string[]): Fault => ({
  code: 'tier-unknown',
  severity: 'error',
  path,
  found: tier,
  expected: tiers.join(', '),
  hint: { vi: `Không có cấp ${tier}.`, en: `There is no tier ${tier}.` },
})
