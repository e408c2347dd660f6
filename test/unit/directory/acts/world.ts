import { carryOut } from '../../../../src/directory/acts/carry-out.ts'
import type { Outcome } from '../../../../src/directory/acts/outcome.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { Act } from '../../../../src/domain/directory/act.ts'
import type { Delta, Fact } from '../../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import { SEED_TIERS } from '../../../../src/domain/tier.ts'

export const TODAY = '2025-06-01'
export const CONTEXT = { today: TODAY, tiers: SEED_TIERS }
export const code = agencyCode
export const EMPTY = DirectorySnapshot.of(0, [])

/** The facts that a delta asserts as they would lie on record, from an id on. */
export const onRecord = (delta: Delta, revision: number, firstId: number): Fact[] =>
  delta.asserted.map((fact, index) => ({
    ...fact,
    id: firstId + index,
    assertedIn: revision,
    retractedIn: null,
  }))

let lastId = 0

/** The next revision of a directory. */
export function applied(snapshot: DirectorySnapshot, delta: Delta): DirectorySnapshot {
  const revision = snapshot.revision + 1
  const asserted = onRecord(delta, revision, lastId + 1)
  lastId += asserted.length
  return snapshot.with(revision, asserted, delta.retracted)
}

export const tried = (snapshot: DirectorySnapshot, ...acts: Act[]): Outcome =>
  carryOut(snapshot, acts, CONTEXT)

/** The directory after acts that must not be refused. */
export function after(snapshot: DirectorySnapshot, ...acts: Act[]): DirectorySnapshot {
  const { delta, faults } = tried(snapshot, ...acts)
  if (faults.length > 0) throw new Error(JSON.stringify(faults, null, 1))
  return applied(snapshot, delta)
}

export const established = (
  id: string,
  parent: string | null = null,
  tier = 'province',
  on = '2020-09-15',
): Act => ({
  act: 'establish',
  on,
  code: code(id),
  name: `Cơ quan ${id}`,
  tier,
  parent: parent === null ? null : code(parent),
})

export const codesOf = (faults: readonly { readonly code: string }[]): string[] =>
  faults.map((fault) => fault.code)
