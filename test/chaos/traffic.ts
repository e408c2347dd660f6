import type { Pool } from '../../src/db/pool.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Journal } from './journal.ts'
import type { Letter, LetterWriter } from './letters.ts'
import type { Receiver } from './receiver.ts'
import { send } from './sender.ts'
import { pause, type System } from './system.ts'
import type { Traffic, TrafficOptions } from './world.ts'

export interface Correspondents {
  readonly journal: Journal
  readonly systems: ReadonlyMap<string, System>
  readonly receivers: readonly Receiver[]
  readonly writer: LetterWriter
  readonly random: () => number
  readonly pool: Pool
}

/** Part of the documents that are recalled or updated, half of each. */
const CHANGED = 0.04
/** Milliseconds until a document is recalled or updated: some were fetched by then, some were not. */
const CHANGED_AFTER_MS = 400

/**
 * Offers documents at a steady rate, whatever becomes of earlier ones: each has its time, and those that are late are
 * sent at once. So a gateway that stands still is met by everything that has gathered.
 */
export function startTraffic(
  { journal, systems, receivers, writer, random, pool }: Correspondents,
  { rate, recalled = CHANGED }: TrafficOptions,
): Traffic {
  const underWay = new Set<Promise<void>>()
  let accepted = 0
  let stopped = false

  async function dispatch(letter: Letter): Promise<void> {
    const answer = await send(journal, systems.get(letter.sender)!, letter)
    if (answer === null) return
    accepted += 1
    if (letter.operation === 'recall') {
      const withdrawn = answer.withdrawn.map(({ agency }) => agency)
      journal.write({ is: 'recalled', document: letter.documentId, withdrawn })
    }
    if (letter.operation !== 'new' || random() >= recalled) return
    const operation = random() < 0.5 ? 'recall' : 'update'
    await pause(random() * CHANGED_AFTER_MS)
    if (operation === 'recall') journal.write({ is: 'recall-intent', document: letter.documentId })
    await dispatch(await writer.follow(letter, operation))
  }

  async function offer(): Promise<void> {
    const began = performance.now()
    for (let offered = 0; !stopped; offered += 1) {
      const early = began + (offered * 1_000) / rate - performance.now()
      if (early > 1) await pause(early)
      const work = writer
        .write()
        .then(dispatch)
        .finally(() => underWay.delete(work))
      underWay.add(work)
      // Written one after the other, so that one seed draws the same letters; sent all at once.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const offering = offer()

  const openDeliveries = async (): Promise<number> => {
    const { rows } = await pool.query<{ open: number }>(
      `select count(*) as open from delivery where state in ('waiting', 'available', 'handed-over')`,
    )
    return rows[0]!.open
  }
  return {
    get accepted() {
      return accepted
    },
    async stop() {
      stopped = true
      await offering
      await Promise.all(underWay)
    },
    async settled(timeoutMs) {
      let open = Number.NaN
      const busy = () => receivers.filter(({ isIdle }) => !isIdle).map(({ code }) => code)
      await waitFor(
        async () => {
          if (busy().length > 0) return false
          open = await openDeliveries()
          return open === 0 && busy().length === 0
        },
        timeoutMs,
        () => `everything at rest: ${open} deliveries open, at work: ${busy().join(', ')}`,
      )
    },
  }
}
