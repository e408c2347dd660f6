import t, { type Test } from 'tap'
import { pick, randomOf } from '../../scripts/bench/routing/random.ts'
import { GatewayError } from '../../src/domain/problem.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { draftCalls, type ShownDraft, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import { beginning, daysAround, someActs, TYPES } from './directory-replay/acts.ts'
import { carryOut, type Model, type ReplayedAct, resolve, view } from './directory-replay/model.ts'

/*
 * Random histories of drafts through the doors, by three administrators who edit, hinder and overtake each other; what
 * was approved is told to a small model, and explanations, views and real documents must agree with it on every day.
 */
const HISTORIES = Number(process.env.HISTORIES ?? 6)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const random = randomOf(SEED)
const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const { call, create, edit, get, step, approve } = draftCalls(served)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const [an, binh, chi] = [await tokenOf('an.admin'), await tokenOf('binh.admin'), await tokenOf('chi.admin')]
/** Of the history that is played. */
let today = vietnamDay(new Date())
const counts = {
  applied: 0,
  refused: 0,
  conflicts: 0,

  races: 0,
  stale: 0,
  explained: 0,
  documents: 0,
  reverted: 0,
}

const drafted = async (content: readonly ReplayedAct[]): Promise<ShownDraft> =>
  shownDraft(await create(an, { kind: 'directory', content }))

/** Submits, from the latest revision if it must be; undefined where the acts do not fit, and the draft is given up. */
async function submitted(draft: ShownDraft): Promise<ShownDraft | undefined> {
  const answer = await step(an, 'submit', draft)
  if (answer.status === 200) return shownDraft(answer)
  if (answer.text.includes('revision-conflict')) return rebased(draft)
  counts.refused += 1
  return undefined
}

async function rebased(draft: ShownDraft): Promise<ShownDraft | undefined> {
  counts.conflicts += 1
  const answer = await step(an, 'rebase', draft)
  if (answer.status !== 200) throw new Error(answer.text)
  return submitted(shownDraft(await get(an, draft)))
}

/** Puts a draft that waits in force, sometimes with a detour; whether it was. */
async function putInForce(t: Test, waiting: ShownDraft): Promise<boolean> {
  const detour = random()
  if (detour < 0.5) return settle(waiting, await approve(binh, waiting))
  if (detour < 0.75) {
    const both = await Promise.all([approve(binh, waiting), approve(chi, waiting)])
    counts.races += 1
    const wins = both.filter(({ status }) => status === 200)
    t.ok(wins.length <= 1, 'applied once')
    return settle(waiting, wins[0] ?? both[0])
  }
  const change = { content: [...waiting.content], title: 'Sửa sau khi trình' }
  const edited = shownDraft(await edit(an, waiting, change))
  t.equal((await approve(binh, waiting)).status, 403, 'what was approved is another version')
  counts.stale += 1
  const again = await submitted(edited)
  return again !== undefined && settle(again, await approve(binh, again))
}

async function settle(draft: ShownDraft, answer: Answer): Promise<boolean> {
  if (answer.status === 200) {
    counts.applied += 1
    return true
  }
  if (answer.text.includes('revision-conflict')) {
    const again = await rebased(draft)
    return again !== undefined && settle(again, await approve(binh, again))
  }
  counts.refused += 1
  return false
}

interface Played {
  readonly model: Model
  /** The revision that came last, and how it was before that. */
  readonly last: number
  readonly before: Model
}

async function play(t: Test, history: number): Promise<Played> {
  const model: Model = new Map()
  let before = structuredClone(model)
  const inForce = async (acts: readonly ReplayedAct[], draft: ShownDraft | undefined): Promise<void> => {
    if (draft === undefined || !(await putInForce(t, draft))) return
    before = structuredClone(model)
    for (const act of acts) carryOut(model, act)
  }
  const first = beginning(history)
  await inForce(first, await submitted(await drafted(first)))
  for (let rounds = 0; rounds < 4; rounds += 1) {
    // Two from one base: the second knows nothing of the first.
    const batches = [someActs(random, model, history, today), someActs(random, model, history, today)]
    const open: [readonly ReplayedAct[], ShownDraft | undefined][] = []
    for (const acts of batches.slice(0, random() < 0.6 ? 2 : 1))
      if (acts.length > 0) open.push([acts, await submitted(await drafted(acts))])
    for (const [acts, draft] of open) await inForce(acts, draft)
  }
  return { model, before, last: (await gateway.api.registry.upToDate(gateway.api.pool)).directory.revision }
}

/** Takes a revision back, with a second person. */
async function reverted(t: Test, revision: number): Promise<void> {
  const made = await call(an, 'POST', `/directory/revisions/${revision}/revert`)
  // What says only what was so already changes nothing, and nothing of it can be taken back.
  if (made.status === 409 && made.text.includes('changes nothing')) return
  t.equal(made.status, 201, made.text)
  t.equal((await approve(binh, shownDraft(made))).status, 200)
}

const ask = async (path: string) => (await call(an, 'GET', path)).json()

async function explained(code: string, day: string, documentType: string): Promise<string> {
  const query = new URLSearchParams({ sender: 'G90', recipient: code, documentType, at: day })
  const { recipient } = (await ask(`/routes/explain?${query}`)) as {
    recipient: { outcome: string; reason?: string; way?: { recipient: { code: string } } }
  }
  return recipient.way?.recipient.code ?? recipient.reason ?? recipient.outcome
}

let number = 0
/** Who really gets a document that is handed in now. */
async function handedIn(code: string): Promise<string> {
  number += 1
  const packet = await documentPacket({
    from: 'G90',
    to: [code],
    documentId: `G90,${today.replaceAll('-', '/')},${number}`,
  })
  try {
    const { claims } = await gateway.submit('G90', packet)
    const { rows } = await gateway.api.pool.query<{ recipient_code: string }>(
      'select recipient_code from delivery where id = $1',
      [claims.recipients[0]!.delivery],
    )
    return rows[0]!.recipient_code
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return error.faults.map(({ code: fault }) => fault).join()
  }
}

t.test(`histories of drafts agree with their model, seed ${SEED}`, { timeout: 600_000 }, async (t) => {
  const wrong: unknown[] = []
  const isSame = (about: unknown, found: unknown, expected: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ about, found, expected })
  }
  const compare = async (history: number) => {
    const { model, before, last } = await play(t, history)
    for (const code of model.keys()) {
      const day = pick(random, daysAround(today))
      for (const type of TYPES) {
        counts.explained += 1
        isSame([code, day, type], await explained(code, day, type), resolve(model, code, day, type))
      }
      const { open, name, parent } = await ask(`/agencies/${code}?on=${day}`)
      isSame(['view', code, day], { open, name, parent }, view(model, code, day))
    }
    for (const code of [...model.keys()].slice(2).filter((_, index) => index === 0 || random() < 0.4)) {
      counts.documents += 1
      const expected = resolve(model, code, today, 'Công văn')
      const found = await handedIn(code)
      isSame(
        ['document', code],
        found,
        expected.startsWith('Q') ? expected : found.startsWith('Q') ? '' : found,
      )
    }
    if (before.size === 0) return
    await reverted(t, last)
    counts.reverted += 1
    for (const code of before.keys()) {
      const [day, type] = [pick(random, daysAround(today)), pick(random, TYPES)]
      isSame(
        ['reverted', code, day, type],
        await explained(code, day, type),
        resolve(before, code, day, type),
      )
      const { open, name, parent } = await ask(`/agencies/${code}?on=${day}`)
      isSame(['reverted', code, day], { open, name, parent }, view(before, code, day))
    }
  }
  for (let history = 0, whole = 0; whole < HISTORIES; history += 1) {
    const known = wrong.length
    today = vietnamDay(new Date())
    await compare(history)
    // What is so on one day need not be on the next: a history over midnight says nothing.
    if (vietnamDay(new Date()) === today) whole += 1
    else wrong.length = known
  }
  t.comment(JSON.stringify(counts))
  t.strictSame(wrong.slice(0, 3), [], `${wrong.length} disagree`)
  t.ok(counts.applied > HISTORIES * 2 && counts.documents >= HISTORIES, JSON.stringify(counts))
})
