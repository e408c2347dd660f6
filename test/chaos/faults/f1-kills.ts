import { pick, randomOf } from '../../../scripts/bench/routing/random.ts'
import type { Service } from '../../../scripts/services/service.ts'
import type { Step } from '../../../src/step.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { Member, Traffic, World } from '../world.ts'
import { type Kill, measureRecovery } from './recovery.ts'

/** Where a process may be killed from within, by what it does. */
export const KILL_POINTS: Record<Member['kind'], readonly Step[]> = {
  api: ['accept-staged', 'accept-durable', 'accept-written', 'accept-committed', 'receipt-committed'],
  worker: [
    'relay-taken',
    'relay-told',
    'claim-written',
    'claim-committed',
    'send-done',
    'settle-written',
    'settle-committed',
    'reconcile-written',
    'feed-written',
  ],
}
/** The part of processes that are killed at a point; the others at any time. */
const AT_POINTS = 0.5
/** A point kills at one of its first passes: of an API as many as there are in up to two seconds, of a worker so many. */
const PASSING_SECONDS = 2
const WORKER_PASSES = 4
/**
 * Milliseconds that they live, from when they are at work again: nobody is killed before. A point that is seldom passed
 * keeps nothing alive for longer. Several live at once, each by itself.
 */
const LIFE_MS = { process: [200, 4_000], server: [4_000, 16_000] } as const
/** Milliseconds for which a server that was killed stays away. */
const AWAY_MS = [0, 1_000] as const
/** As service managers wait before they start a process again. */
const RESTART_MS = 250
const READY_MS = 60_000
/** An API is at work when a document was accepted; longer than recovery may take nobody waits for one. */
const AT_WORK_MS = 15_000
const REST_MS = 120_000
/** What a kill may take at the longest, in seconds. */
const KILL_SECONDS = 5

/** The kills that were. It is over when there were enough, and everybody had its turn. */
interface Campaign {
  readonly kills: Kill[]
  /** Documents due each second. */
  readonly rate: number
  readonly isOver: () => boolean
  /** Documents that were accepted so far. */
  readonly accepted: () => number
  /** Ends it for all where one of them is at its wits' end. */
  giveUp(): void
}

const between = (random: () => number, [least, most]: readonly [number, number]): number =>
  least + random() * (most - least)

const record = (campaign: Campaign, world: World, kill: Omit<Kill, 'at'>): void => {
  campaign.kills.push({ at: Date.now(), ...kill })
  const { victim, point } = kill
  world.tell(`kill ${campaign.kills.length}: ${victim}${point === null ? '' : ` at ${point}`}`)
}

/** Lets a process live and die until the campaign is over; then it runs for good. */
async function killProcess(
  member: Member,
  random: () => number,
  campaign: Campaign,
  world: World,
): Promise<void> {
  const { kind, name: victim } = member
  let point: string | null = null
  for (;;) {
    const lifeMs = point === null ? between(random, LIFE_MS.process) : LIFE_MS.process[1]
    const end = await Promise.race([member.ended(), pause(lifeMs, world.over)])
    if (campaign.isOver()) break
    // One that found its database away and ended is started again, as by a service manager: that is no kill.
    if (end === 'exited') await pause(RESTART_MS)
    else {
      const { pid } = member
      await member.kill('SIGKILL')
      record(campaign, world, { victim, kind, pid, point: end === 'killed' ? point : null })
      point = random() < AT_POINTS ? drawPoint(kind, random, campaign) : null
    }
    member.launch(point === null ? {} : { CHAOS_KILL: point })
    await untilAtWork(member, campaign)
  }
  // One that is still about to kill itself makes place for one that is not.
  if (point !== null) await member.kill('SIGKILL')
  if (!member.running) return member.start()
  await waitFor(member.isReady, READY_MS, () => `${victim} is ready`)
}

async function untilAtWork(member: Member, { accepted, isOver }: Campaign): Promise<void> {
  const isOut = () => !member.running || isOver()
  await waitFor(
    async () => isOut() || (await member.isReady()),
    READY_MS,
    () => `${member.name} is ready`,
  )
  const [before, until] = [accepted(), performance.now() + AT_WORK_MS]
  while (member.kind === 'api' && accepted() === before && !isOut() && performance.now() < until)
    await pause(20)
}

/** `step:n`: at the nth pass. */
const drawPoint = (kind: Member['kind'], random: () => number, { rate }: Campaign): string => {
  const passes = kind === 'api' ? PASSING_SECONDS * rate : WORKER_PASSES
  return `${pick(random, KILL_POINTS[kind])}:${1 + Math.floor(random() * passes)}`
}

async function killServer(
  service: Service,
  kind: 'postgres' | 'redis',
  random: () => number,
  campaign: Campaign,
  world: World,
) {
  for (;;) {
    const until = performance.now() + between(random, LIFE_MS.server)
    while (performance.now() < until && !campaign.isOver()) await pause(100)
    if (campaign.isOver()) return
    const { pid } = service
    await service.kill('SIGKILL')
    record(campaign, world, { victim: kind, kind, pid, point: null })
    await pause(between(random, AWAY_MS), world.over)
    if (world.over.aborted) return
    await service.restart()
  }
}

function openCampaign(world: World, traffic: Traffic, { kills: wanted, rate }: Extent): Campaign {
  const kills: Kill[] = []
  const servers = world.queue === 'redis' ? 2 : 1
  const everybody = world.members.length + servers
  const until = performance.now() + killSeconds(wanted) * 1_000
  let ended = false
  const isEnough = () =>
    kills.length >= wanted && new Set(kills.map(({ victim }) => victim)).size >= everybody
  return {
    kills,
    rate,
    accepted: () => traffic.accepted,
    isOver: () => ended || world.over.aborted || performance.now() > until || isEnough(),
    giveUp() {
      ended = true
    },
  }
}

const killSeconds = (kills: number): number => 60 + kills * KILL_SECONDS

/** Each lane draws from a stream of its own, so that what one meets does not change what another draws. */
async function killAll(world: World, traffic: Traffic, extent: Extent): Promise<readonly Kill[]> {
  const campaign = openCampaign(world, traffic, extent)
  const stream = () => randomOf(Math.floor(world.random() * 2 ** 32))
  const { postgres, redis } = world.servers
  const lanes = [
    ...world.members.map((member) => killProcess(member, stream(), campaign, world)),
    killServer(postgres, 'postgres', stream(), campaign, world),
    ...(redis === null ? [] : [killServer(redis, 'redis', stream(), campaign, world)]),
  ]
  // Nobody may go on killing what is taken down because another could not.
  for (const lane of lanes) lane.catch(() => campaign.giveUp())
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason
  const { kills } = campaign
  const missing = extent.kills - kills.length
  if (missing > 0) throw new Error(`${missing} of ${extent.kills} kills did not come about in time`)
  return kills
}

function tellKills(kills: readonly Kill[], seconds: number): Measure[] {
  const counted = (kind: Kill['kind']) => kills.filter((kill) => kill.kind === kind).length
  const kinds = ['api', 'worker', 'postgres', 'redis'] as const
  const points = new Set(kills.flatMap(({ point }) => point?.split(':')[0] ?? []))
  const seen = `${kills.length} in ${seconds.toFixed(0)} s: ${kinds.map((kind) => `${counted(kind)} ${kind}`).join(', ')}`
  return [
    { name: 'kills', seen, bar: null, met: true },
    {
      name: 'steps in the midst of which a process died',
      seen: `${points.size}: ${[...points].sort().join(', ')}`,
      bar: null,
      met: true,
    },
  ]
}

/** Such as `database-unavailable 12, other side closed 3`. */
function repeats({ journal }: World): string {
  const counts = new Map<string, number>()
  for (const line of journal.lines)
    if (line.is === 'unanswered') counts.set(line.error, (counts.get(line.error) ?? 0) + 1)
  const most = [...counts].sort(([, a], [, b]) => b - a)
  return most.map(([error, count]) => `${error} ${count}`).join(', ') || 'none'
}

async function run(world: World, extent: Extent): Promise<Outcome> {
  const began = performance.now()
  const { rate } = extent
  const traffic = world.traffic({ rate })
  const kills = await killAll(world, traffic, extent)
  const since = (at: number) => (performance.now() - at) / 1_000
  const seconds = since(began)
  const [{ accepted, queued }, stopped] = [traffic, performance.now()]
  world.tell(
    `${kills.length} kills in ${seconds.toFixed(0)} s; ${queued} documents wait in their senders' queues`,
  )
  await traffic.stop()
  const drained = since(stopped)
  await traffic.settled(REST_MS)
  const [rest, whole] = [since(stopped), since(began)]
  const refused = world.journal.lines.filter(({ is }) => is === 'refused').length
  return {
    measures: [
      ...tellKills(kills, seconds),
      {
        name: 'documents accepted while processes died',
        seen: `${(accepted / seconds).toFixed(1)}/s, ${rate}/s due; ${queued} waited in their senders' queues`,
        bar: null,
        met: true,
      },
      {
        name: 'documents accepted in all',
        seen: `${traffic.accepted}; the queues were empty ${drained.toFixed(1)} s after the last kill`,
        bar: null,
        met: true,
      },
      {
        name: 'requests that were made again, by what they were told',
        seen: repeats(world),
        bar: null,
        met: true,
      },
      { name: 'documents refused', seen: `${refused}`, bar: '0', met: refused === 0 },
      {
        name: 'everything at rest after',
        seen: `${rest.toFixed(1)} s, ${whole.toFixed(0)} s in all`,
        bar: null,
        met: true,
      },
      ...(await measureRecovery(world, kills)),
    ],
    oracle: await askOracle(world),
  }
}

export const f1Kills: Fault = {
  id: 'F1',
  title: 'SIGKILL of API, worker, Redis and PostgreSQL at random times and between two steps',
  needs: { apis: 2, workers: 2, supervised: false },
  limitSeconds: ({ kills, rate }) => 600 + 2 * killSeconds(kills) + (kills * rate) / 20,
  run,
}
