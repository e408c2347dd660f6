import { Line } from '../connector/line.ts'
import { pollRound } from '../connector/poll-round.ts'
import { PollWatch } from '../connector/poll-watch.ts'
import type { ApiContext } from '../context.ts'
import { openLeadership } from '../db/leader.ts'
import { recordGateway } from '../directory/clients.ts'
import type { Caller } from '../domain/caller.ts'
import { startLoop } from '../worker/loop.ts'

/** What is due is looked for this often at least: what failed is tried again after a second at first. */
const LONGEST_PAUSE_MS = 2_000

export interface Polling {
  /** Ends after what is under way. */
  stop(): Promise<void>
}

/** Takes in from every exchange of which this gateway is a client; of all processes one at a time does so with each. */
export function pollExchanges(context: ApiContext): Polling {
  const { connectors, exchanges, config, pool, log, pollWatches } = context
  if (connectors === null || exchanges.all.length === 0) return { stop: async () => undefined }
  const leadership = openLeadership(config.databaseUrl, (error) =>
    log.warn({ err: error }, 'the locks on exchanges are lost; rounds begin anew'),
  )
  const ending = new AbortController()
  const loops = exchanges.all.map(({ connector, client }) => {
    const line = new Line()
    const watch = new PollWatch(connector.name, { warn: log.warn.bind(log), info: log.info.bind(log) })
    pollWatches.add(watch)
    const warn = log.warn.bind(log)
    let caller: Caller | undefined
    const round = async () => {
      caller ??= await recordGateway(pool, connector.name)
      const dependencies = {
        intake: context,
        home: connectors.home,
        connector,
        client,
        line,
        watch,
        caller,
        warn,
      }
      const done = await leadership.lead(connector.name, (lost) =>
        pollRound(dependencies, AbortSignal.any([lost, ending.signal])),
      )
      if (done === undefined) return watch.stepAside()
      watch.roundDone()
      if (Object.values(done).some((count) => count > 0))
        log.info({ connector: connector.name, ...done }, 'taken in from another exchange')
    }
    const pauseMs = Math.min(connector.pollSeconds * 1_000, LONGEST_PAUSE_MS)
    return startLoop(pauseMs, round, (error) => watch.roundFailed(error))
  })
  return {
    async stop() {
      ending.abort()
      await Promise.all(loops.map((loop) => loop.stop()))
      await leadership.close()
    },
  }
}
