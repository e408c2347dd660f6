import t from 'tap'
import { createAdmission } from '../../../src/admission/admission.ts'
import type { Pool } from '../../../src/db/pool.ts'
import { callerOf } from '../../support/caller-of.ts'
import { waitFor } from '../../support/wait-for.ts'

const DEFAULTS = {
  ...{
    requestsPerMinute: 1_000_000,
    concurrentSubmissions: 100,
    packetBytes: 2 ** 30,
    storedBytes: 0,
    share: 1,
  },
}
const DOCUMENT = { bytes: 10_000, urgent: false, notice: false }
const HANDS_IN = { handsIn: true, urgent: false }

/** Four of the connections stay for readers, the others are slots. No agency has limits of its own: nothing is read. */
function begin(t: { teardown(end: () => void): void }, max = 6) {
  const pool = { options: { max }, waitingCount: 0, query: async () => ({ rows: [] }) } as unknown as Pool
  const admission = createAdmission({ pool, defaults: DEFAULTS })
  const ends: (() => void)[] = []
  const counts = new Map<string, number>()
  const count = (agency: string, by: 1 | -1) => void counts.set(agency, (counts.get(agency) ?? 0) + by)
  // Patience alone keeps no process alive.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => {
    clearInterval(alive)
    admission.close()
  })
  return {
    admission,
    /** A document whose work goes on until `end`; answers what becomes of it. */
    hold(agency: string, bytes = DOCUMENT.bytes) {
      const caller = callerOf(agency)
      const answered = admission.arrive(caller)
      count(agency, 1)
      const work = () => new Promise<string>((resolve) => void ends.push(() => resolve('done')))
      return admission
        .admit({ caller, ...DOCUMENT, bytes }, work)
        .catch(({ code }: { code: string }) => code)
        .finally(() => {
          answered()
          count(agency, -1)
        })
    },
    refused: (agency: string, asked = HANDS_IN) => admission.refusal(callerOf(agency), asked)?.code,
    running: () => ends.length,
    underWay: (agency: string) => counts.get(agency) ?? 0,
    /** Ends all work, also what begins because other work has ended. */
    async finish(held: readonly Promise<string>[]): Promise<readonly string[]> {
      const timer = setInterval(() => ends.shift()?.(), 1)
      return Promise.all(held).finally(() => clearInterval(timer))
    },
  }
}

t.test('who has his part of what gets done in time is refused before he is read, and no other', async (t) => {
  const { hold, refused, running, finish } = begin(t)
  // At 20 ms each, as long as nothing is known of the pace: 12 get a slot in 250 ms, 50 in a second; 8 may wait.
  const held = Array.from({ length: 10 }, () => hold('H81'))
  await waitFor(() => running() === 2)
  t.equal(refused('H81'), 'overloaded', 'two have a slot, and eight wait')
  t.equal(refused('H90'), undefined, 'it has nothing under way')
  t.equal(refused('H81', { handsIn: true, urgent: true }), undefined)
  t.equal(refused('H81', { handsIn: false, urgent: false }), undefined, 'who asks or fetches')
  held.push(hold('H90'))
  t.equal(refused('H90'), undefined, 'one of eleven')
  const ended = await finish(held)
  t.ok(ended.every((answer) => answer === 'done' || answer === 'overloaded'))
  t.ok(ended.filter((answer) => answer === 'done').length >= 2)
  t.equal(refused('H81'), undefined, 'all is done')
})

t.test('behind its own queue that stands an agency may have less, and no other', async (t) => {
  // 18 usual slots, and a queue of 80: of it, at 20 ms each, 12 get a slot in 250 ms, and 50 in a second.
  const { hold, refused, running, underWay, finish } = begin(t, 24)
  const held = Array.from({ length: 31 }, () => hold('H81'))
  await waitFor(() => running() === 18)
  t.equal(refused('H81'), undefined, '13 wait, and have a second')
  held.push(...Array.from({ length: 5 }, () => hold('H90')))
  await waitFor(() => {
    // They come one after the other, so that somebody still waits when the first have waited a second, and leave.
    for (let times = 0; times < 2 && underWay('H81') < 60; times += 1) held.push(hold('H81'))
    return refused('H81') === 'overloaded'
  })
  t.equal(refused('H90'), undefined)
  await finish(held)
})

t.test('where a slot is free nobody is refused for those who wait for something else', async (t) => {
  const { hold, refused, running, finish } = begin(t, 24)
  const agencies = ['H81', 'H90', 'H91', 'H92']
  const held = Array.from({ length: 80 }, (_, at) => hold(agencies[at % 4]!, 50_000_000))
  await waitFor(() => running() === 10)
  t.equal(refused('H81'), undefined, 'large ones have half of the slots, and seventy of them wait')
  held.push(hold('H81'))
  await waitFor(() => running() === 11)
  for (const agency of agencies) for (let times = 0; times < 2; times += 1) held.push(hold(agency))
  await waitFor(() => running() === 18)
  t.equal(refused('H81'), 'overloaded', 'now there is none')
  await finish(held)
})

t.test('what finds no slot in time does not count as work that got done', async (t) => {
  const { admission, hold, running, finish } = begin(t)
  const held = Array.from({ length: 10 }, () => hold('H81'))
  await waitFor(() => running() === 2)
  // Eight wait for a second, and leave.
  const left = await Promise.all(held.slice(2))
  t.ok(left.every((answer) => answer === 'overloaded'))
  held.push(...Array.from({ length: 8 }, () => hold('H81')))
  const told = Array.from({ length: 400 }, () => admission.refusal(callerOf('H81'), HANDS_IN)?.retryAfter)
  t.ok(told.at(-1)! >= 8, `four hundred at 20 ms each, as before: the last after ${told.at(-1)} s`)
  await finish(held)
})
