/** How much each agency has under way at once: a slow or greedy one must not take what others need. */
export class AgencySlots {
  readonly #underWay = new Map<string, number>()

  /** Does the work in a slot of the agency's; undefined where all of its `most` are taken. */
  hold<T>(agency: string, most: number, work: () => Promise<T>): Promise<T> | undefined {
    const underWay = this.#underWay.get(agency) ?? 0
    if (underWay >= most) return undefined
    this.#underWay.set(agency, underWay + 1)
    return this.#untilDone(agency, work)
  }

  async #untilDone<T>(agency: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      const left = (this.#underWay.get(agency) ?? 0) - 1
      if (left > 0) this.#underWay.set(agency, left)
      else this.#underWay.delete(agency)
    }
  }
}
