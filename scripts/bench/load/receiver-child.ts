import type { Party } from './agencies.ts'
import { connect, instant } from './client.ts'
import { type DriverWorld, type TakenRow, WORLD_VARIABLE } from './driver-messages.ts'
import { numberOf } from './packet-template.ts'

/*
 * The recipients' systems, in a process of their own: each waits at its inbox (long poll), fetches what it finds, checks
 * that it came whole, acknowledges it, and looks again. What was taken is told when it is asked for.
 */

/** Milliseconds between two looks: systems are told of many documents in one answer. */
const LOOK_EVERY_MS = 250
const AT_ONCE = 4

interface Item {
  readonly deliveryId: string
  readonly edxmlDocumentId: string | null
  readonly packetLength: number
}

interface Page {
  readonly items: readonly Item[]
  /** Where the answer ends. */
  readonly position: string
}

const { urls, parties } = JSON.parse(process.env[WORLD_VARIABLE]!) as DriverWorld
const ask = connect(urls)
let taken: TakenRow[] = []
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function take(party: Party, { deliveryId, edxmlDocumentId, packetLength }: Item): Promise<void> {
  const packet = await ask(party, { method: 'GET', path: `/v1/inbox/${deliveryId}/packet` })
  if (packet.status !== 200 || packet.body.length !== packetLength)
    throw new Error(`${deliveryId} was not handed over: ${packet.status}`)
  const { status } = await ask(party, { method: 'POST', path: `/v1/inbox/${deliveryId}/ack` })
  if (status !== 204) throw new Error(`${deliveryId} was not acknowledged: ${status}`)
  taken.push([numberOf(edxmlDocumentId ?? ''), packet.beganAt, instant()])
}

async function receive(party: Party): Promise<never> {
  let cursor: string | null = null
  for (;;) {
    const query: string = new URLSearchParams({
      limit: '100',
      wait: '20',
      ...(cursor !== null && { cursor }),
    }).toString()
    const { status, body } = await ask(party, { method: 'GET', path: `/v1/inbox?${query}` })
    if (status !== 200) throw new Error(`no inbox of ${party.code}: ${status} ${body}`)
    const looked = instant()
    const { items, position } = JSON.parse(body.toString()) as Page
    const rest = items.values()
    const lane = async () => {
      for (const item of rest) await take(party, item)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    cursor = position
    await pause(Math.max(0, looked + LOOK_EVERY_MS - instant()))
  }
}

process.on('message', () => {
  process.send!(taken)
  taken = []
})

const told = new Set<string>()

/** Each kind of failure once: where the gateway is away, every recipient says so again and again. */
function tell(error: unknown): void {
  const [what = ''] = String(error).split('{')
  const kind = what.replace(/[A-Z]\d\d(\.\d+)?|[0-9a-f-]{36}/g, '')
  if (!told.has(kind)) console.error(`  [receiver] ${String(error).slice(0, 300)}`)
  told.add(kind)
}

/** A system that is refused, or finds its gateway away, begins again with what it has not acknowledged. */
for (const party of parties.receivers)
  void (async () => {
    for (;;) {
      await receive(party).catch(tell)
      await pause(1_000)
    }
  })()

// Nobody is left to tell.
process.on('disconnect', () => process.exit())
