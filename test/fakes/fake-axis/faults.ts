import { pick, randomOf } from '../../../scripts/bench/routing/random.ts'

/**
 * When something goes wrong: before the axis does anything; after it has done it, so that its client does not know; or in
 * what it says and does while it looks well.
 */
export type FaultMoment = 'before' | 'after' | 'instead'

interface FaultRow {
  readonly moment: FaultMoment
  /** Of which operations; undefined: all. */
  readonly operations?: readonly string[]
}

const LISTS = ['getReceivedEdocList']

export const FAULTS = {
  'html-502': { moment: 'before' },
  'fail-20': { moment: 'before' },
  'reset-before': { moment: 'before' },
  'empty-body': { moment: 'before' },
  'broken-json': { moment: 'after' },
  'reset-after': { moment: 'after' },
  'timeout-after': { moment: 'after' },
  'wrong-length': { moment: 'after' },
  slow: { moment: 'instead' },
  'null-codes': { moment: 'instead' },
  'list-repeats': { moment: 'instead', operations: LISTS },
  'list-omits': { moment: 'instead', operations: LISTS },
  'list-forgets': { moment: 'instead', operations: LISTS },
  'listed-twice': { moment: 'instead', operations: LISTS },
  rewritten: { moment: 'instead', operations: ['getEdoc'] },
  'done-forgotten': { moment: 'instead', operations: ['updateStatus'] },
} as const satisfies Record<string, FaultRow>

export type FaultName = keyof typeof FAULTS

const rowOf = (name: FaultName): FaultRow => FAULTS[name]
const NAMES = Object.keys(FAULTS) as FaultName[]

/** Everything that can go wrong with an operation. */
export const faultsOf = (operation: string): FaultName[] =>
  NAMES.filter((name) => rowOf(name).operations?.includes(operation) ?? true)

export const momentOf = (name: FaultName): FaultMoment => rowOf(name).moment

/** What goes wrong with each request. */
export interface FaultPlan {
  next(operation: string): FaultName | null
  /** The next request of this operation goes wrong so; several stand in line. */
  command(operation: string, ...faults: FaultName[]): void
  /** What was commanded and has not happened is forgotten. */
  clear(): void
  /** How often each went wrong. */
  readonly counts: ReadonlyMap<FaultName, number>
}

/** Nothing goes wrong but what a test commands. */
export const commanded = (): FaultPlan => seeded(0, 0)

/** @param rate of requests that go wrong, in [0, 1] */
export function seeded(seed: number, rate: number): FaultPlan {
  const random = randomOf(seed)
  const waiting = new Map<string, FaultName[]>()
  const counts = new Map<FaultName, number>()
  const drawn = (operation: string): FaultName | null => {
    if (random() >= rate) return null
    return pick(random, faultsOf(operation))
  }
  return {
    counts,
    command: (operation, ...faults) =>
      void waiting.set(operation, [...(waiting.get(operation) ?? []), ...faults]),
    clear: () => waiting.clear(),
    next(operation) {
      const name = waiting.get(operation)?.shift() ?? drawn(operation)
      if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
      return name
    },
  }
}
