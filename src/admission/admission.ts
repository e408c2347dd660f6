import { takeTokens } from '../db/agency-limits.ts'
import type { Pool } from '../db/pool.ts'
import { type AgencyLimits, PLACES_BESIDE } from '../domain/agency-limit.ts'
import type { Caller } from '../domain/caller.ts'
import type { GatewayError } from '../domain/problem.ts'
import { AgencySlots } from './agency-slots.ts'
import { Arrivals } from './arrivals.ts'
import { FairSlots, NoSlot } from './fair-slots.ts'
import { type FindLimits, knownLimits } from './known-limits.ts'
import { type Pressure, watchPressure } from './pressure.ts'
import { Promises } from './promises.ts'
import { StorageQuota } from './storage-quota.ts'
import { type RateAnswer, TokenLeases } from './token-leases.ts'
import { noPlace, overloaded, overQuota, tooOften } from './words.ts'

/** Something that a caller wants to hand in. */
export interface HandIn {
  readonly caller: Caller
  /** Of the body, as the caller says; null where he does not. */
  readonly bytes: number | null
  /** Whether the reserve may be used: urgent documents (hỏa tốc), statuses, recalls. */
  readonly urgent: boolean
  /** Whether it is a status or a recall: known by its path, short, and read before it is admitted. */
  readonly notice: boolean
}

/** Decides who may use this process, and how much of it: before a body is read, and before any signature work. */
export interface Admission {
  /** What holds where nothing else is set. */
  readonly defaults: AgencyLimits
  /** The limits of a caller's agency. */
  limitsFor(caller: Caller): AgencyLimits
  /** Counts a request of the agency, over all processes. */
  countRequest(caller: Caller): Promise<RateAnswer>
  /**
   * Does the work when its turn has come.
   * @throws GatewayError `rate-limited` (too much of this agency under way), `storage-quota-exceeded`, `overloaded`
   */
  admit<T>(handIn: HandIn, work: () => Promise<T>): Promise<T>
  /** Counts a hand-in from its first byte. @returns what is to be called once, when it is answered */
  arrive(caller: Caller): () => void
  /** What would be refused anyway, told at once and for next to nothing; undefined where it may go on. */
  refusal(
    caller: Caller,
    asked: { readonly handsIn: boolean; readonly urgent: boolean },
  ): GatewayError | undefined
  close(): void
}

export interface AdmissionOptions {
  readonly pool: Pool
  /** For agencies for which nothing else is set. */
  readonly defaults: AgencyLimits
}

/** Connections to the database that stay for those who fetch and acknowledge. */
const FOR_READERS = 4
const LEAST_SLOTS = 2
/** Of the slots, what only urgent requests use; and how many may wait, for each slot. */
const RESERVE = 1 / 8
const WAITING = 4
const PATIENCE_MS = { usual: 1_000, standing: 250 }
/** From here on a packet takes long to arrive. */
const LARGE = 1_048_576
/** What a large packet takes at most, in slots for a small one. */
const MOST_COST = 64

const placesFor = (most: number, { urgent, notice }: Pick<HandIn, 'urgent' | 'notice'>): number =>
  most + (notice ? PLACES_BESIDE.notice : urgent ? PLACES_BESIDE.urgent : 0)

/** An agency is its own key; a caller without one stands for itself. */
const keyOf = ({ agency, clientId }: Caller): string => agency ?? `client ${clientId}`

export function createAdmission({ pool, defaults }: AdmissionOptions): Admission {
  const pressure = watchPressure(pool)
  const slots = fairSlots(pool, pressure)
  const limits: FindLimits = knownLimits(pool, defaults)
  const leases = new TokenLeases((agency, perMinute, wanted) => takeTokens(pool, agency, perMinute, wanted))
  const own = new AgencySlots()
  const arrivals = new Arrivals()
  const quota = StorageQuota.of(pool)
  const promises = new Promises()

  /**
   * Hand-ins of all that may be under way before one more of this agency is too many: those that have a slot, and where
   * none is free, as many behind them as get one before its patience ends.
   */
  function mostArriving(agency: string): number {
    const places = slotsOf(pool)
    const queue = WAITING * places
    const inTime = slots.isFull ? promises.doneIn(slots.patienceOf(agency)) : queue
    return places - reserveOf(places) + Math.min(queue, inTime)
  }

  async function requireSpace({ caller, bytes }: HandIn, { storedBytes }: AgencyLimits): Promise<void> {
    if (storedBytes === 0 || caller.agency === null) return
    const left = storedBytes - (await quota.used(caller.agency))
    if (left <= 0 || left < (bytes ?? 0)) throw overQuota(caller.agency, storedBytes, left)
  }

  async function inTurn<T>(handIn: HandIn, { share }: AgencyLimits, work: () => Promise<T>): Promise<T> {
    const { caller, urgent, bytes } = handIn
    const cost = Math.min(MOST_COST, 1 + (bytes ?? LARGE) / LARGE)
    const request = { agency: keyOf(caller), share, cost, urgent, large: bytes === null || bytes > LARGE }
    const counted = () =>
      work().finally(() => {
        if (slots.waiting > 0) promises.done()
      })
    try {
      return await slots.hold(request, counted)
    } catch (error) {
      if (error instanceof NoSlot) throw overloaded(promises.next())
      throw error
    }
  }

  return {
    defaults,
    limitsFor: (caller) => limits(keyOf(caller)),
    countRequest: (caller) => leases.use(keyOf(caller), limits(keyOf(caller)).requestsPerMinute),
    async admit(handIn, work) {
      const { caller, bytes } = handIn
      const ours = limits(keyOf(caller))
      const places = placesFor(ours.concurrentSubmissions, handIn)
      const done = own.hold(keyOf(caller), places, async () => {
        await requireSpace(handIn, ours)
        const result = await inTurn(handIn, ours, work)
        quota.add(keyOf(caller), bytes ?? 0)
        return result
      })
      if (done === undefined) throw noPlace(keyOf(caller), ours.concurrentSubmissions)
      return done
    },
    arrive(caller) {
      const key = keyOf(caller)
      return arrivals.begin(key, limits(key).share)
    },
    refusal(caller, { handsIn, urgent }) {
      const key = keyOf(caller)
      const { requestsPerMinute, concurrentSubmissions, share } = limits(key)
      const empty = leases.empty(key, requestsPerMinute)
      if (empty !== undefined) return tooOften(key, requestsPerMinute, empty)
      if (!handsIn) return undefined
      const places = placesFor(concurrentSubmissions, { urgent, notice: false })
      if (arrivals.underWay(key) >= places) return noPlace(key, concurrentSubmissions)
      const isCrowded = !urgent && arrivals.isCrowdedBy(key, { most: mostArriving(key), share })
      return isCrowded ? overloaded(promises.next()) : undefined
    },
    close: () => pressure.close(),
  }
}

const slotsOf = (pool: Pool): number => Math.max(LEAST_SLOTS, pool.options.max - FOR_READERS)
const reserveOf = (slots: number): number => Math.floor(slots * RESERVE)

function fairSlots(pool: Pool, pressure: Pressure): FairSlots {
  const slots = slotsOf(pool)
  return new FairSlots({
    slots,
    reserve: reserveOf(slots),
    mostWaiting: slots * WAITING,
    patienceMs: PATIENCE_MS,
    isPressed: () => pressure.isHigh(),
  })
}
