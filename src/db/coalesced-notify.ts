import { notify, type Topic } from './notifications.ts'
import type { Queryable } from './pool.ts'

/**
 * Sends notifications on a topic, one statement at a time: what comes while one is under way goes into the next.
 * A notification that cannot be sent is dropped, for those who listen also poll.
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
    }
    sending = false
  }

  return (payload) => {
    pending.add(payload)
    if (!sending) void send()
  }
}
