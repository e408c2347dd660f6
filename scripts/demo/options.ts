import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { QueueChoice } from '../services/index.ts'

const FOLDER = fileURLToPath(new URL('../../.tram/demo', import.meta.url))

const USAGE = `npm run demo [-- options]

Starts a whole gateway on this machine, lets a ministry, a province and two communes exchange documents through it, and
stays up for you to try it.
  --once            ends by itself; exit code 0 only if everything expected was observed
  --queue KIND      where the queue stands: auto (the default: Redis where there is one), redis, postgres
  --federated       starts two gateways, a central and a provincial one, and lets agencies of both exchange documents
  --folder PATH     keeps its data here instead of .tram/demo, so that two can run at a time
  --packet FILE     sends an edXML file of your own through the same gateway, and ends
`

const QUEUES: Record<QueueChoice, true> = { auto: true, redis: true, postgres: true }

export interface DemoOptions {
  readonly once: boolean
  readonly federated: boolean
  readonly queue: QueueChoice
  readonly packet: string | undefined
  /** Takes the data of the servers and of the run. */
  readonly folder: string
}

/** The options of the command line; undefined, after saying why, where they cannot be meant. */
export async function readOptions(): Promise<DemoOptions | undefined> {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        federated: { type: 'boolean', default: false },
        queue: { type: 'string', default: 'auto' },
        packet: { type: 'string' },
        folder: { type: 'string', default: FOLDER },
      },
    })
    const { once, federated, queue, packet, folder } = values
    if (!isQueue(queue)) throw new Error(`--queue ${queue}`)
    if (federated && packet !== undefined) throw new Error('--federated --packet')
    const unreadable = packet === undefined ? null : await whyUnreadable(packet)
    if (unreadable === null) return { once, federated, queue, packet, folder: resolve(folder) }
    console.error(`Không đọc được tệp / The file cannot be read: ${packet} (${unreadable})`)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
  }
  return undefined
}

const isQueue = (text: string): text is QueueChoice => Object.hasOwn(QUEUES, text)

/** The system's word for why a file cannot be read; null where it can. */
async function whyUnreadable(path: string): Promise<string | null> {
  try {
    const file = await open(path)
    const { isFile } = await file.stat().then((stat) => ({ isFile: stat.isFile() }))
    await file.close()
    return isFile ? null : 'not a file'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
