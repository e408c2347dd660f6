import { GatewayError } from '../../domain/problem.ts'

/** Lets each client have so many submissions under way at once: a slow or greedy one must not take what others need. */
export class SubmissionSlots {
  readonly #most: number
  readonly #underWay = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Does the work in a slot of the client's. @throws GatewayError `rate-limited` where it has none left */
  async hold<T>(clientId: string, work: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay.get(clientId) ?? 0
    if (underWay >= this.#most) throw noneLeft(this.#most)
    this.#underWay.set(clientId, underWay + 1)
    try {
      return await work()
    } finally {
      this.#letGo(clientId)
    }
  }

  #letGo(clientId: string): void {
    const left = (this.#underWay.get(clientId) ?? 0) - 1
    if (left > 0) this.#underWay.set(clientId, left)
    else this.#underWay.delete(clientId)
  }
}

const noneLeft = (most: number): GatewayError =>
  new GatewayError('rate-limited', {
    retryAfter: 1,
    detail: {
      vi: `Một hệ thống gửi cùng lúc nhiều nhất ${most} gói tin.`,
      en: `One client sends at most ${most} packets at once.`,
    },
  })
