import type { Pool } from '../../src/db/pool.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Journal } from './journal.ts'
import type { Letter, LetterWriter } from './letters.ts'
import { openDeliveries } from './open-deliveries.ts'
import type { Receiver } from './receiver.ts'
import { send } from './sender.ts'
import { pause, type System } from './system.ts'
import type { Traffic, TrafficOptions } from './world.ts'

export interface Correspondents {
  readonly journal: Journal
  readonly systems: ReadonlyMap<string, System>
  readonly receivers: readonly Receiver[]
  readonly writer: LetterWriter
  readonly pool: Pool
  readonly over: AbortSignal
}

/** Part of the documents that are recalled or updated. */
const CHANGED = 0.04
/** What the senders' systems have under way together, where nothing else is said. */
const AT_ONCE = 32
/** Milliseconds in which the senders' queues must be empty: so long, and so much more for each document in them. */
const DRAIN_MS = { least: 120_000, each: 100 }

/**
 * Documents that are due at a steady rate, whatever becomes of earlier ones. Senders do as document systems do: they have
 * so many requests under way at once and ask again until each has its answer; what is due meanwhile waits in their queues.
 * So a gateway that stood still is met by everything that has gathered, and not by a herd of repeats.
 */
export function startTraffic(
  { journal, systems, receivers, writer, pool: own, over }: Correspondents,
  { rate, changed = CHANGED, atOnce = AT_ONCE, pool = own }: TrafficOptions,
): Traffic {
  const began = performance.now()
  const underWay = new Map<Promise<void>, { readonly name: string; readonly since: number }>()
  let [accepted, offered, mostQueued] = [0, 0, 0]
  let failure: unknown
  let stoppedAt: number | null = null

  async function dispatch(letter: Letter): Promise<void> {
    const answer = await send(journal, systems.get(letter.sender)!, letter)
    if (answer === null) return
    accepted += 1
    if (letter.operation === 'recall') {
      const withdrawn = answer.withdrawn.map(({ agency }) => agency)
      journal.write({ is: 'recalled', document: letter.documentId, withdrawn })
    }
    if (letter.change === null) return
    const { operation, afterMs } = letter.change
    await pause(afterMs, over)
    if (operation === 'recall') journal.write({ is: 'recall-intent', document: letter.documentId })
    const following = await writer.follow(letter)
    if (following !== null) await dispatch(following)
  }

  const due = (): number => {
    if (rate === Number.POSITIVE_INFINITY) return stoppedAt === null ? offered + 1 : offered
    return 1 + Math.floor((((stoppedAt ?? performance.now()) - began) * rate) / 1_000)
  }
  const queued = () => Math.max(0, due() - offered)

  async function offer(): Promise<void> {
    while (!over.aborted) {
      mostQueued = Math.max(mostQueued, queued())
      if (underWay.size >= atOnce) await Promise.race(underWay.keys())
      else if (queued() > 0) await sendNext()
      else if (stoppedAt !== null) return
      else await pause(Math.min(100, began + (offered * 1_000) / rate - performance.now()), over)
    }
  }
  async function sendNext(): Promise<void> {
    offered += 1
    const letter = await writer.write(changed)
    const work = dispatch(letter)
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => underWay.delete(work))
    underWay.set(work, { name: letter.name, since: performance.now() })
  }
  let isOffering = true
  const offering = offer().finally(() => {
    isOffering = false
  })

  const waiting = (): string => {
    const [first] = underWay.values()
    const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(0)
    const oldest = first === undefined ? '' : `, the oldest ${first.name} since ${seconds(first.since)} s`
    return `${queued()} documents in the senders' queues, ${underWay.size} under way${oldest}`
  }
  return {
    get accepted() {
      return accepted
    },
    get queued() {
      return queued()
    },
    get mostQueued() {
      return mostQueued
    },
    async stop() {
      stoppedAt ??= performance.now()
      const timeoutMs = DRAIN_MS.least + DRAIN_MS.each * queued()
      await waitFor(
        () => over.aborted || (!isOffering && underWay.size === 0),
        timeoutMs,
        () => `every document is answered: ${waiting()}`,
      )
      await offering
      if (failure !== undefined) throw failure
    },
    async settled(timeoutMs) {
      const busy = () => receivers.filter(({ isIdle }) => !isIdle).map(({ code }) => code)
      let open = 'not asked yet'
      await waitFor(
        async () => {
          if (over.aborted) return true
          if (busy().length > 0) return false
          open = await openDeliveries(pool)
          return open === '' && busy().length === 0
        },
        timeoutMs,
        () => `everything at rest: deliveries ${open}; at work: ${busy().join(', ')}`,
      )
    },
  }
}
