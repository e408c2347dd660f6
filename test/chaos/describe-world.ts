import { openDeliveries } from './open-deliveries.ts'
import { pause } from './system.ts'
import type { World } from './world.ts'

const ASKED_MS = 5_000

/** How everything stands, in lines for whoever finds out why a trial did not come to its end. */
export async function describeWorld(world: World): Promise<string[]> {
  const { members, servers, receivers, journal, pool } = world
  const states = members.map(async (member) => {
    const state = !member.running ? 'not running' : (await member.isReady()) ? 'ready' : 'not ready'
    return `${member.name} (${member.pid}): ${state}`
  })
  const away = (running: boolean) => (running ? 'running' : 'not running')
  const deliveries = Promise.race([
    openDeliveries(pool).then((open) => open || 'none open', String),
    pause(ASKED_MS).then(() => 'the database does not answer'),
  ])
  const busy = [...receivers.values()].filter(({ isIdle }) => !isIdle)
  const last = journal.lines.at(-1)
  return [
    ...(await Promise.all(states)),
    `postgres: ${away(servers.postgres.running)}`,
    ...(servers.redis === null ? [] : [`redis: ${away(servers.redis.running)}`]),
    `deliveries: ${await deliveries}`,
    `receivers at work: ${busy.map(({ code, lastFailure }) => `${code} (${lastFailure ?? 'well'})`).join(', ') || 'none'}`,
    `journal: ${journal.lines.length} lines, the last ${last === undefined ? '' : JSON.stringify(last).slice(0, 200)}`,
    ...journalCounts(world),
  ]
}

/** What was intended and has no answer, and how often requests had none, by what came instead. */
function journalCounts({ journal }: World): string[] {
  const open = new Set<string>()
  const silent = new Map<string, number>()
  for (const line of journal.lines) {
    if (line.is === 'intent') open.add(line.document)
    if (line.is === 'accepted' || line.is === 'refused') open.delete(line.document)
    if (line.is === 'unanswered') silent.set(line.error, (silent.get(line.error) ?? 0) + 1)
  }
  const [first] = open
  return [
    `intended and not answered: ${open.size}${first === undefined ? '' : `, the oldest ${first}`}`,
    `requests without an answer: ${[...silent].map(([error, count]) => `${error}: ${count}`).join(', ') || 'none'}`,
  ]
}
