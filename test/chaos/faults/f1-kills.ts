import { randomOf } from '../../../scripts/bench/routing/random.ts'
import type { Service } from '../../../scripts/services/service.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { Member, Traffic, World } from '../world.ts'
import { tellFlow, tellKills, tellRepeats } from './f1-measures.ts'
import { drawPoint, leastPoints, type PointRecord, patienceOf, pointOf } from './f1-points.ts'
import { type Kill, measureRecovery } from './recovery.ts'

/** The part of processes that are killed at a point; the others at any time. */
const AT_POINTS = 0.5
/**
 * Milliseconds that they live, from when they are at work again: nobody is killed before. Several live at once, each by
 * itself.
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
/** So many times the kills at most where a point is left at which nobody has died: some are passed once in minutes. */
const MOST_KILLS = 1.5
/** What a kill may take at the longest, in seconds. */
const KILL_SECONDS = 5

/** The kills that were. It is over when there were enough, everybody had its turn, and somebody died at every point. */
interface Campaign {
  readonly kills: Kill[]
  readonly points: PointRecord
  /** Documents due each second. */
  readonly rate: number
  readonly isOver: () => boolean
  /** Documents that were accepted so far. */
  readonly accepted: () => number
  /** Ends it for all where one of them fails. */
  giveUp(): void
}

const between = (random: () => number, [least, most]: readonly [number, number]): number =>
  least + random() * (most - least)

function record(campaign: Campaign, world: World, kill: Omit<Kill, 'at'>): Kill {
  const recorded: Kill = { at: Date.now(), ...kill }
  campaign.kills.push(recorded)
  const { victim, point } = kill
  world.tell(`kill ${campaign.kills.length}: ${victim}${point === null ? '' : ` at ${point}`}`)
  return recorded
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
  let last: Kill | null = null
  for (;;) {
    const lifeMs = point === null ? between(random, LIFE_MS.process) : patienceOf(point)
    const end = await Promise.race([member.ended(), pause(lifeMs, world.over)])
    if (campaign.isOver()) break
    // One that found its database away and ended is started again, as by a service manager: that is no kill.
    if (end === 'exited') await pause(RESTART_MS)
    else {
      const { pid } = member
      await member.kill('SIGKILL')
      last = record(campaign, world, { victim, kind, pid, point: end === 'killed' ? point : null })
      point = random() < AT_POINTS ? drawPoint(kind, random, campaign.rate, campaign.points) : null
    }
    member.launch(point === null ? {} : { CHAOS_KILL: point })
    const isBack = await untilAtWork(member, campaign)
    if (isBack && last !== null) last.backAt ??= Date.now()
  }
  // One that would still kill itself at a point is replaced by one that does not.
  if (point !== null) await member.kill('SIGKILL')
  // One that finds its database away just now, and ends, is started again.
  await waitFor(
    () => {
      if (!member.running) member.launch()
      return member.isReady()
    },
    READY_MS,
    () => `${victim} is ready`,
  )
}

/** Answers whether it said that it is ready. */
async function untilAtWork(member: Member, { accepted, isOver }: Campaign): Promise<boolean> {
  const isOut = () => !member.running || isOver()
  let ready = false
  await waitFor(
    async () => {
      ready = await member.isReady()
      return ready || isOut()
    },
    READY_MS,
    () => `${member.name} is ready`,
  )
  const [before, until] = [accepted(), performance.now() + AT_WORK_MS]
  while (member.kind === 'api' && accepted() === before && !isOut() && performance.now() < until)
    await pause(20)
  return ready
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
    const kill = record(campaign, world, { victim: kind, kind, pid, point: null })
    await pause(between(random, AWAY_MS), world.over)
    if (world.over.aborted) return
    await service.restart()
    kill.backAt = Date.now()
  }
}

function openCampaign(world: World, traffic: Traffic, { kills: wanted, rate }: Extent): Campaign {
  const kills: Kill[] = []
  const servers = world.queue === 'redis' ? 2 : 1
  const everybody = world.members.length + servers
  const until = performance.now() + killSeconds(wanted) * 1_000
  let ended = false
  const points: PointRecord = {
    drawn: new Map(),
    get hit() {
      return new Set(kills.flatMap(pointOf))
    },
  }
  const isEveryPointHit = () => points.hit.size >= leastPoints(wanted) || kills.length >= wanted * MOST_KILLS
  const isEnough = () =>
    kills.length >= wanted &&
    new Set(kills.map(({ victim }) => victim)).size >= everybody &&
    isEveryPointHit()
  return {
    kills,
    points,
    rate,
    accepted: () => traffic.accepted,
    isOver: () => ended || world.over.aborted || performance.now() > until || isEnough(),
    giveUp() {
      ended = true
    },
  }
}

const killSeconds = (kills: number): number => 60 + kills * KILL_SECONDS

/** Each lane draws from a stream of its own: what one meets changes nothing for another but the points that are left. */
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

async function run(world: World, extent: Extent): Promise<Outcome> {
  const began = performance.now()
  const { rate } = extent
  const traffic = world.traffic({ rate })
  const kills = await killAll(world, traffic, extent)
  const since = (at: number) => (performance.now() - at) / 1_000
  const seconds = since(began)
  const flow = { rate, seconds, accepted: traffic.accepted, queued: traffic.queued }
  const [sent, stopped] = [newDocuments(world), performance.now()]
  world.tell(
    `${kills.length} kills in ${seconds.toFixed(0)} s; ${flow.queued} documents wait in their senders' queues`,
  )
  await traffic.stop()
  const drained = since(stopped)
  await traffic.settled(REST_MS)
  const [rest, whole] = [since(stopped), since(began)]
  const refused = world.journal.lines.filter(({ is }) => is === 'refused').length
  return {
    measures: [
      ...tellKills(world, kills, extent.kills, seconds),
      ...tellFlow(flow, sent, newDocuments(world)),
      {
        name: 'documents accepted in all',
        seen: `${traffic.accepted}; the queues were empty ${drained.toFixed(1)} s after the last kill`,
        bar: null,
        met: true,
      },
      tellRepeats(world),
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

/** How many were sent, whether or not they have their answer. */
const newDocuments = ({ journal }: World): number =>
  journal.lines.filter((line) => line.is === 'intent' && line.operation === 'new').length

export const f1Kills: Fault = {
  id: 'F1',
  title: 'SIGKILL of API, worker, Redis and PostgreSQL at random times and between two steps',
  needs: { apis: 2, workers: 2, supervised: false },
  limitSeconds: ({ kills, rate }) => 600 + 2 * killSeconds(kills) + (kills * rate) / 20,
  run,
}
