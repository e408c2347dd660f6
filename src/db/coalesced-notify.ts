import { setTimeout } from 'node:timers/promises'
import { notify, type Topic } from './notifications.ts'
import type { Queryable } from './pool.ts'

/** Milliseconds between two of them: under load each wakes its listeners for many. */
const REST_MS = 20

/**
 * Sends notifications on a topic: the first at once, and what comes while one is under way, or shortly after it, together
 * in the next. A notification that cannot be sent is dropped, for those who listen also poll.
 */
export function coalescedNotify(
  db: Queryable,
  topic: Topic,
  onError: (error: Error) => void,
): (payload: string) => void {
  const pending = new Set<string>()
  let sending = false

  async function send(): Promise<void> {
    sending = true
    while (pending.size > 0) {
      const payloads = [...pending]
      pending.clear()
      await notify(db, topic, payloads).catch(onError)
      await setTimeout(REST_MS, undefined, { ref: false })
    }
    sending = false
  }

  return (payload) => {
    pending.add(payload)
    if (!sending) void send()
  }
}
