import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../routing/child.ts'
import {
  type DriverWorld,
  type SenderAnswer,
  type SenderOrder,
  type SentRow,
  type TakenRow,
  WORLD_VARIABLE,
} from './driver-messages.ts'
import { type Gateway, type Ground, onceOpen } from './gateway.ts'

/** Senders' and recipients' systems, each side in a process of its own. */
export interface Drivers {
  readonly pids: { readonly sender: number; readonly receiver: number }
  /** Makes and signs packets. @returns bytes of the first */
  prepare(order: Omit<SenderOrder & { is: 'prepare' }, 'is'>): Promise<number>
  /** Sends what is prepared, until the time is over. */
  run(order: Omit<SenderOrder & { is: 'run' }, 'is'>): Promise<readonly SentRow[]>
  /** What the recipients took since they were asked last, once it is so much, or nothing more has come for a while. */
  taken(expected: () => number, patienceMs: number): Promise<readonly TakenRow[]>
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 100

export function startDrivers({ urls }: Pick<Gateway, 'urls'>, ground: Ground): Drivers {
  const world: DriverWorld = { urls, parties: ground.parties, certificates: ground.certificates }
  const variables = { [WORLD_VARIABLE]: JSON.stringify(world) }
  const sender = startChild<SenderAnswer>('../load/sender-child.ts', [], variables)
  const receiver = startChild<readonly TakenRow[]>('../load/receiver-child.ts', [], variables)
  return {
    pids: { sender: sender.pid, receiver: receiver.pid },
    async prepare(order) {
      const answer = await ask(sender, { is: 'prepare', ...order })
      return answer.is === 'prepared' ? answer.bytes : 0
    },
    async run(order) {
      const answer = await ask(sender, { is: 'run', ...order })
      return answer.is === 'sent' ? answer.rows : []
    },
    async taken(expected, patienceMs) {
      const rows: TakenRow[] = []
      for (let lastAt = performance.now(); performance.now() - lastAt < patienceMs; ) {
        receiver.send('tell')
        const more = await receiver.next()
        rows.push(...more)
        if (more.length > 0) lastAt = performance.now()
        if (rows.length >= expected()) break
        await sleep(LOOK_EVERY_MS)
      }
      return rows
    },
    stop: onceOpen(async () => {
      await Promise.all([sender.stop(), receiver.stop()])
    }),
  }
}

async function ask(sender: Child<SenderAnswer>, order: SenderOrder): Promise<SenderAnswer> {
  sender.send(JSON.stringify(order))
  return sender.next()
}
