import { join } from 'node:path'
import type { Kind } from '../../../scripts/bench/load/contents.ts'
import { divideCores, pin } from '../../../scripts/bench/load/cores.ts'
import { type Gateway, type Ground, startGateway, startGround } from '../../../scripts/bench/load/gateway.ts'
import { startChild } from '../../../scripts/bench/routing/child.ts'
import type { Measure } from '../fault.ts'
import {
  type CrowdAnswer,
  type CrowdLoad,
  type CrowdOrder,
  type CrowdWorld,
  type SenderResult,
  WORLD_VARIABLE,
} from './crowd-messages.ts'
import { judgeLoad } from './judge-load.ts'

/** A trial of load: no fault is injected, and what is measured is who is served, how soon, at which cost. */
export interface LoadTrial {
  readonly id: string
  readonly title: string
  /** Told with the results: the queue, the rates, such as `queue in redis, 20 documents/s`. */
  readonly conditions: string
  /** Seconds after which one that has not come to its end is broken off. */
  readonly limitSeconds: number
  run(extent: LoadExtent): Promise<readonly Measure[]>
}

export interface LoadExtent {
  readonly seed: number
  /** Divides the long times and large volumes; 1 is the whole. */
  readonly scale: number
  readonly tell: (line: string) => void
  /** Breaks the trial off. */
  readonly interrupted?: AbortSignal
}

export interface Ran {
  readonly seconds: number
  readonly results: readonly SenderResult[]
}

/** Senders in a process of their own. */
export interface Crowd {
  /** @param counts packets that each sender has ready, by the number of the sender */
  prepare(counts: readonly number[]): Promise<void>
  run(load: CrowdLoad, seconds: number, seed: number): Promise<Ran>
  readonly pid: number
  stop(): Promise<void>
}

function startCrowd(
  { urls }: Pick<Gateway, 'urls'>,
  { parties, certificates }: Pick<Ground, 'parties' | 'certificates'>,
  own: Pick<CrowdWorld, 'journalFile' | 'kind'>,
): Crowd {
  const world: CrowdWorld = { urls, parties, certificates, ...own }
  const script = '../../../test/chaos/load/crowd-child.ts'
  const child = startChild<CrowdAnswer>(script, [], { [WORLD_VARIABLE]: JSON.stringify(world) })
  const ask = (order: CrowdOrder): Promise<CrowdAnswer> => {
    child.send(JSON.stringify(order))
    return child.next()
  }
  return {
    async prepare(counts) {
      await ask({ is: 'prepare', counts })
    },
    async run(load, seconds, seed) {
      const answer = await ask({ is: 'run', load, seconds, seed })
      if (answer.is !== 'ran') throw new Error('the crowd answered out of turn')
      return answer
    },
    pid: child.pid,
    stop: () => child.stop(),
  }
}

export interface CrowdOptions {
  readonly apis: number
  readonly workers: number
  /** Of the documents; 10 KB where none is named. */
  readonly kind?: Kind
  readonly extent: LoadExtent
  /** Documents that a trial put into the database by itself: the oracle passes over them. */
  readonly filled?: (ground: Ground) => Promise<ReadonlySet<string>>
}

const NOTHING_FILLED = async (): Promise<ReadonlySet<string>> => new Set()

/** Everything of a trial: what it measures, and what the oracle finds then. Taken down after it, whatever became of it. */
export async function withCrowd(
  { extent: { interrupted, tell }, filled = NOTHING_FILLED, kind = 'small', ...options }: CrowdOptions,
  work: (crowd: Crowd, gateway: Gateway, ground: Ground) => Promise<readonly Measure[]>,
): Promise<readonly Measure[]> {
  interrupted?.throwIfAborted()
  const ground = await startGround()
  try {
    const gateway = await startGateway(ground, { ...options, seal: 'p256' })
    try {
      const journalFile = join(ground.folder, 'sent.jsonl')
      const crowd = startCrowd(gateway, ground, { journalFile, kind })
      const division = await divided(ground, gateway, crowd)
      const breakOff = () => void crowd.stop()
      interrupted?.addEventListener('abort', breakOff)
      try {
        const measures = await work(crowd, gateway, ground)
        tell('recipients take what there is')
        const judged = await judgeLoad(gateway, ground, { journalFile, filled: await filled(ground) })
        return [{ name: 'cores', seen: division, bar: null, met: true }, ...measures, ...judged]
      } finally {
        interrupted?.removeEventListener('abort', breakOff)
        await crowd.stop()
      }
    } finally {
      await gateway.stop()
    }
  } finally {
    await ground.stop()
  }
}

/**
 * Senders are other machines: what it costs them to be refused may not be taken from the gateway's own. So they have a
 * core to themselves, where there are several and it can be done. @returns who runs where, in words
 */
async function divided({ postgres, redis }: Ground, { processes }: Gateway, crowd: Crowd): Promise<string> {
  const cores = divideCores()
  if (cores === null) return 'one for all'
  try {
    await pin(cores.gateway, [postgres.pid, redis.pid, ...processes.map(({ pid }) => pid)])
    await pin(cores.senders, [crowd.pid])
    return `no. ${cores.gateway} for the gateway and its servers, no. ${cores.senders} for the senders`
  } catch {
    return 'all for all: there is no taskset'
  }
}

export const total = (results: readonly SenderResult[], of: (one: SenderResult) => number): number =>
  results.reduce((sum, one) => sum + of(one), 0)

/** Documents accepted in a second. */
export const goodput = ({ results, seconds }: Ran): number => total(results, (one) => one.accepted) / seconds

/** Refusals by what was told, the most frequent first, as `503 overloaded: 812, 429 rate-limited requestsPerMinute: 3`. */
export function refusals(results: readonly SenderResult[]): string {
  const counts = new Map<string, number>()
  for (const { refused } of results)
    for (const [told, count] of Object.entries(refused)) counts.set(told, (counts.get(told) ?? 0) + count)
  const most = [...counts].sort(([, a], [, b]) => b - a)
  return most.map(([told, count]) => `${told}: ${count}`).join(', ') || 'none'
}
