import t from 'tap'
import { randomOf } from '../../../scripts/bench/routing/random.ts'
import { STEPS, type Step } from '../../../src/step.ts'
import { tellFlow, tellKills } from '../../chaos/faults/f1-measures.ts'
import { drawPoint, KILL_POINTS, leastPoints, missedPoints } from '../../chaos/faults/f1-points.ts'
import type { Kill } from '../../chaos/faults/recovery.ts'

const ALL = Object.values(KILL_POINTS).flat()
const world = { members: ['api 1', 'worker 1'], queue: 'redis' as const }

const kill = (victim: string, kind: Kill['kind'], point: Step | null = null): Kill => ({
  victim,
  kind,
  pid: 1,
  at: 1,
  point: point === null ? null : `${point}:2`,
})
const servers = [kill('postgres', 'postgres'), kill('redis', 'redis')]
const everywhere = [
  ...KILL_POINTS.api.map((point) => kill('api 1', 'api', point)),
  ...KILL_POINTS.worker.map((point) => kill('worker 1', 'worker', point)),
]

t.test('each step of a document is one at which a process may die', async (t) => {
  t.same([...ALL].sort(), [...STEPS].sort())
})

t.test('in two hundred kills every point is to be hit, in fewer a part of them', async (t) => {
  t.equal(leastPoints(200), ALL.length)
  t.equal(leastPoints(20), 2)
})

t.test('who never died, or where nobody did, misses the bar', async (t) => {
  const met = (kills: readonly Kill[], wanted: number) =>
    tellKills(world, kills, wanted, 60).map((one) => one.met)
  const all = [...servers, ...everywhere]
  t.same(met(all, all.length), [true, true])
  t.same(met(all, all.length + 1), [false, true], 'one kill too few')
  t.same(met(all.slice(1), all.length - 1), [false, true], 'PostgreSQL was left alone')
  t.same(met(Array(200).fill(all.slice(0, -1)).flat(), 200), [true, false], 'one point was never hit')
})

t.test('where nobody died yet has its turn, soon after the process is there', async (t) => {
  const random = randomOf(7)
  const drawn = new Map<Step, number>()
  const hit = new Set<Step>(KILL_POINTS.api.filter((step) => step !== 'receipt-written'))
  const points = Array.from({ length: 100 }, () => drawPoint('api', random, 50, { hit, drawn }).split(':'))
  const missed = points.filter(([step]) => step === 'receipt-written')
  t.ok(missed.length > 30, `${missed.length} of 100`)
  t.ok(missed.every(([, pass]) => Number(pass) <= 4))
  t.ok(
    points.some(([, pass]) => Number(pass) > 50),
    'the others at any pass of two seconds',
  )
  t.same(missedPoints(new Set([...KILL_POINTS.worker, ...hit])), ['receipt-written'])
})

t.test('what became due and what was accepted meanwhile are told apart', async (t) => {
  const flow = { rate: 50, seconds: 10, accepted: 100, queued: 400 }
  t.match(tellFlow(flow, 100, 500), [
    { seen: '50.0/s: 500, 100 of them then', bar: null },
    { seen: "10.0/s of 50/s; 400 waited in their senders' queues", bar: null },
  ])
})
