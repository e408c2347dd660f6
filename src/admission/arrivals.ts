/**
 * Hand-ins that have begun and have no answer yet, by agency. They are counted from their first byte: many come at once
 * while the process is busy, and none of them stands in a queue yet.
 */
export class Arrivals {
  readonly #underWay = new Map<string, { count: number; share: number }>()
  #all = 0
  /** Of all agencies that have something under way. */
  #shares = 0

  /**
   * Whether there are as many under way as can be, and this agency has the part of them that its share gives it.
   * @param most of all agencies together @param share weight of the agency among those that have something under way
   */
  isCrowdedBy(agency: string, { most, share }: { readonly most: number; readonly share: number }): boolean {
    return this.#all >= most && (this.underWay(agency) / share) * this.#shares >= most
  }

  underWay(agency: string): number {
    return this.#underWay.get(agency)?.count ?? 0
  }

  /** @returns what is to be called once, when it is answered */
  begin(agency: string, share: number): () => void {
    const own = this.#underWay.get(agency) ?? this.#enter(agency)
    // Operators may change it meanwhile.
    this.#shares += share - own.share
    own.share = share
    this.#all += 1
    own.count += 1
    return () => {
      this.#all -= 1
      own.count -= 1
      if (own.count > 0) return
      this.#underWay.delete(agency)
      this.#shares -= own.share
    }
  }

  #enter(agency: string) {
    const own = { count: 0, share: 0 }
    this.#underWay.set(agency, own)
    return own
  }
}
