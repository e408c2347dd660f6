import t from 'tap'
import {
  FairSlots,
  type FairSlotsOptions,
  NoSlot,
  type SlotRequest,
} from '../../../src/admission/fair-slots.ts'

const USUAL: FairSlotsOptions = {
  slots: 1,
  reserve: 0,
  mostWaiting: 100,
  patienceMs: { usual: 10_000, standing: 10_000 },
}
const asks = (agency: string, more: Partial<SlotRequest> = {}): SlotRequest => ({
  agency,
  share: 1,
  cost: 1,
  urgent: false,
  large: false,
  ...more,
})

/** Holds the only slot while the requests line up, and tells in which order they went; `-` for those without one. */
async function orderOf(
  options: Partial<FairSlotsOptions>,
  requests: readonly SlotRequest[],
): Promise<string> {
  const slots = new FairSlots({ ...USUAL, ...options })
  const order: string[] = []
  let open = () => {}
  const first = slots.hold(asks('first'), () => new Promise<void>((resolve) => (open = resolve)))
  const all = requests.map((request) =>
    slots.hold(request, async () => void order.push(request.agency)).catch(() => order.push('-')),
  )
  await new Promise(setImmediate)
  open()
  await Promise.all([first, ...all])
  return order.join(' ')
}

t.test('who sends least goes first, and none waits behind the crowd of another', async (t) => {
  const crowd = Array.from({ length: 4 }, () => asks('greedy'))
  t.equal(await orderOf({}, [...crowd, asks('small')]), 'greedy small greedy greedy greedy')
  t.equal(
    await orderOf({}, [...crowd, ...crowd.map(() => asks('twice', { share: 2 }))]),
    'greedy twice twice greedy twice twice greedy greedy',
    'by shares',
  )
  t.equal(
    await orderOf({}, [
      asks('bulky', { cost: 3 }),
      asks('bulky', { cost: 3 }),
      ...crowd.map(() => asks('light')),
    ]),
    'bulky light light light light bulky'.replace(
      'light light light light bulky',
      'light light light bulky light',
    ),
    'what is large counts for more',
  )
})

t.test('a full queue takes in the modest at the expense of the greedy', async (t) => {
  const crowd = Array.from({ length: 4 }, () => asks('greedy'))
  t.equal(await orderOf({ mostWaiting: 3 }, [...crowd, asks('small')]), '- - greedy small greedy')
})

t.test('urgent requests find their reserve, and cannot take more than it out of turn', async (t) => {
  const slots = new FairSlots({ ...USUAL, slots: 3, reserve: 1 })
  const running: string[] = []
  const ends: (() => void)[] = []
  const start = (request: SlotRequest) =>
    void slots.hold(request, () => {
      running.push(request.urgent ? `${request.agency}!` : request.agency)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  for (let times = 0; times < 4; times += 1) start(asks('a'))
  start(asks('b', { urgent: true }))
  start(asks('b', { urgent: true }))
  await new Promise(setImmediate)
  t.strictSame(running, ['a', 'a', 'b!'], 'two usual slots and the reserve')
  start(asks('c'))
  ends[0]?.()
  await new Promise(setImmediate)
  t.equal(running.length, 4)
  t.not(running[3], 'b!', 'a second urgent one waits for its turn')
})

t.test('large packets use half of the slots at most', async (t) => {
  const slots = new FairSlots({ ...USUAL, slots: 4 })
  let running = 0
  for (let times = 0; times < 4; times += 1)
    void slots.hold(asks('a', { large: true }), () => new Promise<void>(() => (running += 1)))
  await new Promise(setImmediate)
  t.equal(running, 2)
  t.equal(await slots.hold(asks('b'), async () => 7), 7)
  t.equal(slots.waiting, 2)
})

t.test('nobody waits longer than his patience', async (t) => {
  const slots = new FairSlots({ ...USUAL, patienceMs: { usual: 5, standing: 5 } })
  const held = slots.hold(asks('a'), () => new Promise<void>((resolve) => setTimeout(resolve, 60)))
  await t.rejects(
    slots.hold(asks('b'), async () => t.fail('too late')),
    NoSlot,
  )
  await held
  t.equal(await slots.hold(asks('b'), async () => 7), 7, 'and the slot is free again')
})

t.test('a queue that stands costs the agency that has it its patience, and no other', async (t) => {
  // Patience alone keeps no process alive.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  let now = 0
  const slots = new FairSlots({
    ...USUAL,
    patienceMs: { usual: 10_000, standing: 5 },
    monotonicNow: () => now,
  })
  let open = () => {}
  const order: string[] = []
  const held = slots.hold(asks('first'), () => new Promise<void>((resolve) => (open = resolve)))
  const hold = (agency: string) => slots.hold(asks(agency), async () => void order.push(agency))
  const early = hold('greedy')
  now = 2_000
  const small = hold('small')
  await t.rejects(hold('greedy'), NoSlot, 'it has had something waiting for two seconds')
  t.equal(slots.waiting, 2)
  open()
  await Promise.all([held, early, small])
  t.strictSame(order, ['greedy', 'small'], 'who came just now was served in his turn')

  const next = slots.hold(asks('first'), () => new Promise<void>((resolve) => (open = resolve)))
  const again = hold('greedy')
  now = 2_500
  const more = hold('greedy')
  await new Promise((resolve) => setTimeout(resolve, 20))
  open()
  await t.resolves(Promise.all([next, again, more]), 'once its queue was empty it has its patience again')
})

t.test('under pressure a quarter of the slots is given out', async (t) => {
  let pressed = true
  const slots = new FairSlots({ ...USUAL, slots: 8, isPressed: () => pressed })
  let running = 0
  const ends: (() => void)[] = []
  const work = () =>
    new Promise<void>((resolve) => {
      running += 1
      ends.push(resolve)
    })
  for (let times = 0; times < 8; times += 1) void slots.hold(asks('a'), work)
  await new Promise(setImmediate)
  t.equal(running, 2)
  pressed = false
  ends[0]?.()
  await new Promise(setImmediate)
  t.equal(running, 8)
})

t.test('one agency has two slots where others are at work, and all where nobody is', async (t) => {
  const slots = new FairSlots({ ...USUAL, slots: 8 })
  const running: string[] = []
  const ends: (() => void)[] = []
  const start = (agency: string) =>
    void slots.hold(asks(agency), () => {
      running.push(agency)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  start('small')
  for (let times = 0; times < 8; times += 1) start('greedy')
  await new Promise(setImmediate)
  t.equal(running.join(' '), 'small greedy greedy')
  start('other')
  await new Promise(setImmediate)
  t.equal(running.length, 4, 'another begins at once')
  ends[0]?.()
  ends[3]?.()
  await new Promise(setImmediate)
  t.equal(running.filter((agency) => agency === 'greedy').length, 8)
})

t.test('it is full where who comes now must wait, and the patience of each is known before', async (t) => {
  let now = 0
  const slots = new FairSlots({
    ...USUAL,
    slots: 4,
    reserve: 1,
    patienceMs: { usual: 1_000, standing: 250 },
    monotonicNow: () => now,
  })
  const opens: (() => void)[] = []
  const hold = (agency: string, more: Partial<SlotRequest> = {}) =>
    slots.hold(asks(agency, more), () => new Promise<void>((resolve) => void opens.push(resolve)))
  const large = ['a', 'b', 'c'].map((agency) => hold(agency, { large: true }))
  await new Promise(setImmediate)
  t.equal(slots.waiting, 1, 'large ones have half of the slots')
  t.notOk(slots.isFull, 'and another may begin at once')
  const small = hold('d')
  t.ok(slots.isFull, 'but for the one that is left to urgent ones')
  now = 1_100
  t.equal(slots.patienceOf('c'), 250, 'it has had something waiting for a second')
  t.equal(slots.patienceOf('d'), 1_000)
  for (const one of [...large, small]) {
    await new Promise(setImmediate)
    opens.shift()!()
    void one
  }
  await Promise.all([...large, small])
  t.notOk(slots.isFull)
  t.equal(slots.patienceOf('c'), 1_000)
})
