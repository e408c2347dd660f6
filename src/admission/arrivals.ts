/**
 * Hand-ins that have begun and have no answer yet, by agency. They are counted from their first byte: many come at once
 * while the process is busy, and none of them stands in a queue yet.
 */
export class Arrivals {
  readonly #underWay = new Map<string, number>()
  #all = 0

  /**
   * Whether one more of this agency would only wait: there are as many as can be, and it has its part of them.
   * @param most of all agencies together
   */
  isCrowdedBy(agency: string, most: number): boolean {
    return this.#all >= most && this.underWay(agency) * this.#underWay.size >= most
  }

  underWay(agency: string): number {
    return this.#underWay.get(agency) ?? 0
  }

  /** @returns what is to be called once, when it is answered */
  begin(agency: string): () => void {
    this.#all += 1
    this.#underWay.set(agency, this.underWay(agency) + 1)
    return () => {
      this.#all -= 1
      const left = this.underWay(agency) - 1
      if (left > 0) this.#underWay.set(agency, left)
      else this.#underWay.delete(agency)
    }
  }
}
