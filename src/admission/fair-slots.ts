/** Who wants a slot, and what for. */
export interface SlotRequest {
  readonly agency: string
  /** Weight of the agency: who has twice as much goes twice as often. */
  readonly share: number
  /** What it takes of the process, in slots for a small packet. */
  readonly cost: number
  /** Urgent documents, statuses, recalls: they may use the reserve. */
  readonly urgent: boolean
  /** Packets that take long to arrive: they use half of the slots at most. */
  readonly large: boolean
}

export interface FairSlotsOptions {
  readonly slots: number
  /** Of them, those that only urgent requests use. */
  readonly reserve: number
  /** Requests that wait for a slot at most. */
  readonly mostWaiting: number
  /** Milliseconds that a request waits; the shorter time holds where its agency's queue has been standing for a second. */
  readonly patienceMs: { readonly usual: number; readonly standing: number }
  /** Whether the process has more under way than it can do: then a quarter of the slots is given out. */
  readonly isPressed?: () => boolean
  readonly monotonicNow?: () => number
}

export class NoSlot extends Error {
  override readonly name = 'NoSlot'
}

interface Waiting extends SlotRequest {
  readonly begin: () => void
  readonly refuse: (error: NoSlot) => void
}

const STANDING_MS = 1_000
const PRESSED = 4
const MOST_AGENCIES = 10_000
/** Slots of one agency where others are at work too, and a quarter of all is taken; large packets do not count. */
const BESIDE_OTHERS = 2

/**
 * The slots of one process, given out by start-time fair queueing: of those who wait goes next whose agency has had least
 * for its share. Who finds the queue full takes the place of whom has most in it. A queue that does not get empty is kept
 * short (controlled delay): whoever waited in a long one would have given up when his turn comes. It is kept short for each
 * agency by itself (as in RFC 8290): that one always has something waiting must not cost the others their patience.
 */
export class FairSlots {
  readonly #options: FairSlotsOptions
  readonly #now: () => number
  #waiting: Waiting[] = []
  readonly #running = { all: 0, urgent: 0, large: 0 }
  readonly #own = new Map<string, number>()
  /** Virtual time: the start of what began last; and for each agency, the end of what it has had. */
  #virtual = 0
  readonly #ends = new Map<string, number>()
  /** Since when each agency that waits has had something waiting all the while. */
  readonly #standingSince = new Map<string, number>()

  constructor(options: FairSlotsOptions) {
    this.#options = options
    this.#now = options.monotonicNow ?? (() => performance.now())
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Whether who comes now must wait, unless he is urgent. */
  get isFull(): boolean {
    return !this.#isUsualFree(this.#slots())
  }

  /** Milliseconds that a request of this agency would wait. */
  patienceOf(agency: string): number {
    const { usual, standing } = this.#options.patienceMs
    const since = this.#standingSince.get(agency)
    return since !== undefined && this.#now() - since > STANDING_MS ? standing : usual
  }

  /** Does the work in a slot. @throws NoSlot where there is none in time */
  async hold<T>(request: SlotRequest, work: () => Promise<T>): Promise<T> {
    await this.#enter(request)
    try {
      return await work()
    } finally {
      this.#count(request, -1)
      this.#giveOut()
    }
  }

  #enter(request: SlotRequest): Promise<void> {
    const { agency } = request
    const patience = this.patienceOf(agency)
    if (!this.#standingSince.has(agency)) {
      this.#join(agency)
      this.#standingSince.set(agency, this.#now())
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#remove(waiting), patience).unref()
      const waiting: Waiting = {
        ...request,
        begin: () => {
          clearTimeout(timer)
          resolve()
        },
        refuse: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      this.#waiting.push(waiting)
      this.#giveOut()
      if (this.#waiting.length > this.#options.mostWaiting) this.#remove(this.#lastOfGreediest())
    })
  }

  /** Who asks for nothing saves nothing up. */
  #join(agency: string): void {
    if (this.#ends.size >= MOST_AGENCIES)
      for (const [known, end] of this.#ends) if (end <= this.#virtual) this.#ends.delete(known)
    this.#ends.set(agency, Math.max(this.#ends.get(agency) ?? 0, this.#virtual))
  }

  #remove(waiting: Waiting): void {
    if (this.#leave(waiting)) waiting.refuse(new NoSlot('no slot in time'))
  }

  /** @returns whether it was still waiting */
  #leave(leaving: Waiting): boolean {
    const at = this.#waiting.indexOf(leaving)
    if (at < 0) return false
    this.#waiting.splice(at, 1)
    if (!this.#waiting.some(({ agency }) => agency === leaving.agency))
      this.#standingSince.delete(leaving.agency)
    return true
  }

  /** The youngest request of the agency that has most waiting for its share. */
  #lastOfGreediest(): Waiting {
    const weights = new Map<string, number>()
    for (const { agency, share } of this.#waiting) weights.set(agency, (weights.get(agency) ?? 0) + 1 / share)
    const most = Math.max(...weights.values())
    return this.#waiting.findLast(({ agency }) => weights.get(agency) === most)!
  }

  #giveOut(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#leave(next)
      this.#virtual = Math.max(this.#virtual, this.#startOf(next))
      this.#ends.set(next.agency, this.#startOf(next) + next.cost / next.share)
      this.#count(next, 1)
      next.begin()
    }
  }

  #next(): Waiting | undefined {
    const slots = this.#slots()
    if (this.#running.all >= slots) return undefined
    const isReserveFree = this.#running.urgent < this.#options.reserve
    const isUsualFree = this.#isUsualFree(slots)
    const mayBegin = ({ agency, urgent, large }: Waiting) =>
      (large || !this.#hasItsPart(agency, slots)) &&
      ((urgent && isReserveFree) || isUsualFree) &&
      (!large || this.#running.large < slots / 2)
    let best: Waiting | undefined
    for (const one of this.#waiting) {
      if (!mayBegin(one)) continue
      if (best === undefined || this.#goesBefore(one, best, isReserveFree)) best = one
    }
    return best
  }

  /** Those that are given out now. */
  #slots(): number {
    const { slots, isPressed } = this.#options
    return Math.ceil(slots / (isPressed?.() === true ? PRESSED : 1))
  }

  #isUsualFree(slots: number): boolean {
    const { reserve } = this.#options
    const usual = this.#running.all - Math.min(this.#running.urgent, reserve)
    return this.#running.all < slots && usual < slots - reserve
  }

  /** Many at once of one agency slow down what others have under way, whoever goes first. */
  #hasItsPart(agency: string, slots: number): boolean {
    const own = this.#own.get(agency) ?? 0
    const { all } = this.#running
    return own >= BESIDE_OTHERS && all > own && all >= slots / 4
  }

  /** Urgent requests go first as long as the reserve is theirs, and then by their agency's turn as all others. */
  #goesBefore(one: Waiting, other: Waiting, isReserveFree: boolean): boolean {
    if (isReserveFree && one.urgent !== other.urgent) return one.urgent
    return this.#startOf(one) < this.#startOf(other)
  }

  #startOf({ agency }: Waiting): number {
    return this.#ends.get(agency) ?? this.#virtual
  }

  #count({ agency, urgent, large }: SlotRequest, by: 1 | -1): void {
    this.#running.all += by
    if (!large) {
      const own = (this.#own.get(agency) ?? 0) + by
      if (own > 0) this.#own.set(agency, own)
      else this.#own.delete(agency)
    }
    if (urgent) this.#running.urgent += by
    if (large) this.#running.large += by
  }
}
