import { pick, randomOf } from '../../../scripts/bench/routing/random.ts'
import type { Service } from '../../../scripts/services/service.ts'
import type { Step } from '../../../src/step.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { Member, World } from '../world.ts'
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
/** A point kills after as many passes as there are in up to so many seconds. */
const PASSING_SECONDS = 0.5
/** Milliseconds that they live, from when they are ready. A point that is seldom passed keeps nothing alive for longer. */
const LIFE_MS = { process: [500, 6_000], server: [4_000, 16_000] } as const
/** Milliseconds for which a server that was killed stays away. */
const AWAY_MS = [0, 1_000] as const
/** As service managers wait before they start a process again. */
const RESTART_MS = 250
const READY_MS = 120_000
const REST_MS = 120_000

/** The kills that were. It is over when there were enough, and everybody had its turn. */
interface Campaign {
  readonly kills: Kill[]
  /** Documents offered each second. */
  readonly rate: number
  readonly isOver: () => boolean
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
    const end = await Promise.race([member.ended(), pause(lifeMs)])
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
    await waitFor(
      async () => !member.running || (await member.isReady()) || campaign.isOver(),
      READY_MS,
      () => `${victim} is ready`,
    )
  }
  // One that is still about to kill itself makes place for one that is not.
  if (point !== null) await member.kill('SIGKILL')
  if (!member.running) return member.start()
  await waitFor(member.isReady, READY_MS, () => `${victim} is ready`)
}

/** `step:n`: at the nth pass. */
const drawPoint = (kind: Member['kind'], random: () => number, { rate }: Campaign): string =>
  `${pick(random, KILL_POINTS[kind])}:${1 + Math.floor(random() * PASSING_SECONDS * rate)}`

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
    await pause(between(random, AWAY_MS))
    await service.restart()
  }
}

/** Each lane draws from a stream of its own, so that what one meets does not change what another draws. */
async function killAll(world: World, { kills: wanted, rate }: Extent): Promise<readonly Kill[]> {
  const kills: Kill[] = []
  const servers = world.queue === 'redis' ? 2 : 1
  const everybody = world.members.length + servers
  const isOver = () => kills.length >= wanted && new Set(kills.map(({ victim }) => victim)).size >= everybody
  const campaign: Campaign = { kills, rate, isOver }
  const stream = () => randomOf(Math.floor(world.random() * 2 ** 32))
  const { postgres, redis } = world.servers
  await Promise.all([
    ...world.members.map((member) => killProcess(member, stream(), campaign, world)),
    killServer(postgres, 'postgres', stream(), campaign, world),
    ...(redis === null ? [] : [killServer(redis, 'redis', stream(), campaign, world)]),
  ])
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

async function run(world: World, extent: Extent): Promise<Outcome> {
  const began = performance.now()
  const { rate } = extent
  const traffic = world.traffic({ rate })
  const kills = await killAll(world, extent)
  const seconds = (performance.now() - began) / 1_000
  await traffic.stop()
  const stopped = performance.now()
  await traffic.settled(REST_MS)
  const rest = (performance.now() - stopped) / 1_000
  const refused = world.journal.lines.filter(({ is }) => is === 'refused').length
  return {
    measures: [
      ...tellKills(kills, seconds),
      {
        name: 'documents accepted',
        seen: `${traffic.accepted}, ${rate} offered each second`,
        bar: null,
        met: true,
      },
      { name: 'documents refused', seen: `${refused}`, bar: '0', met: refused === 0 },
      { name: 'everything at rest after', seen: `${rest.toFixed(1)} s`, bar: null, met: true },
      ...(await measureRecovery(world, kills)),
    ],
    oracle: await askOracle(world),
  }
}

export const f1Kills: Fault = {
  id: 'F1',
  title: 'SIGKILL of API, worker, Redis and PostgreSQL at random times and between two steps',
  needs: { apis: 2, workers: 2, supervised: false },
  run,
}
