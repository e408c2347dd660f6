import type { Test } from 'tap'
import type { SingleChannel } from '../../src/delivery/channels/channel.ts'
import { consignmentTo } from '../fakes/consignment.ts'
import type { Behaviour, FakeAgency } from '../fakes/fake-agency.ts'
import { inTurns } from '../support/in-turns.ts'
import { waitFor } from '../support/wait-for.ts'

/** How long a channel may take to let go once it is told to. */
const ABORT_MS = 1_000

/** Everything that a recipient's system may do to a channel. */
export const MISBEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  ...Object.fromEntries(
    [201, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503, 504, 599, 999].map(
      (status) => [`status ${status}`, answer(status)],
    ),
  ),
  'Retry-After in seconds': answer(503, { 'retry-after': '120' }),
  'Retry-After as a date': answer(503, { 'retry-after': 'Fri, 20 Nov 2099 08:00:00 GMT' }),
  'Retry-After that is none': answer(503, { 'retry-after': 'soon' }),
  'Retry-After below zero': answer(503, { 'retry-after': '-5' }),
  redirect: answer(302, { location: 'http://127.0.0.1:1/' }),
  'redirect to a file': answer(301, { location: 'file:///etc/passwd' }),
  hang: { kind: 'hang' },
  slow: { kind: 'slow', ms: 100 },
  reset: { kind: 'reset' },
  garbage: { kind: 'garbage' },
  flood: { kind: 'flood' },
  'stuck body': { kind: 'stuck-body' },
}

function answer(status: number, headers: Record<string, string> = {}): Behaviour {
  return { kind: 'answer', status, headers }
}

/**
 * What every channel owes its caller. `channel` gives up on a silent recipient within a second or so, and reaches
 * `agency` where it reaches out at all.
 */
export async function conformsAsChannel(t: Test, channel: SingleChannel, agency: FakeAgency): Promise<void> {
  const never = new AbortController().signal

  await t.test('whatever the recipient does, the answer is a result', async (t) => {
    for (const [name, behaviour] of Object.entries(MISBEHAVIOURS)) {
      agency.behaviour = behaviour
      const result = await channel.send(consignmentTo(agency.url), never)
      t.match(result.outcome, /^(available|retry|refused)$/, name)
      if (result.outcome === 'available' || result.outcome === 'handed-on') continue
      t.match(result.failure.code, /^[a-z-]+$/, `${name}: a stable code`)
      t.ok(
        result.failure.explanation.vi && result.failure.explanation.en,
        `${name}: a reason in both languages`,
      )
    }
  })

  await t.test('whatever the endpoint is, the answer is a result', async (t) => {
    for (const url of [
      null,
      '',
      'không phải URL',
      'http://',
      'http://localhost:1/',
      'http://không.invalid/',
    ]) {
      const result = await channel.send(consignmentTo(url), never)
      t.match(result.outcome, /^(available|retry|refused)$/, `endpoint ${url}`)
    }
  })

  await t.test('sending the same delivery again is harmless', async (t) => {
    agency.behaviour = answer(204)
    const consignment = consignmentTo(agency.url)
    const results = []
    for (let time = 0; time < 3; time++) results.push(await channel.send(consignment, never))
    t.same(
      results.map(({ outcome }) => outcome),
      ['available', 'available', 'available'],
    )
    const ids = new Set(agency.notices.slice(-3).map(({ id }) => id))
    const told = agency.noticesOf(consignment.delivery.key)
    t.ok(told.length === 0 || (told.length === 3 && ids.size === 1), 'a receiver can tell that it is one')
  })

  await t.test('it lets go within a second when it is told to', async (t) => {
    const letsGo = async (): Promise<string[]> => {
      const told = new AbortController()
      const before = agency.notices.length
      let sent = false
      const sending = channel.send(consignmentTo(agency.url), told.signal).finally(() => {
        sent = true
      })
      await waitFor(() => sent || agency.notices.length > before)
      const at = performance.now()
      told.abort()
      const result = await sending
      const ms = performance.now() - at
      t.match(result.outcome, /^(available|retry|refused)$/)
      return ms < ABORT_MS ? [] : [`after ${Math.round(ms)} ms`]
    }
    for (const name of ['hang', 'flood', 'stuck body'] as const) {
      agency.behaviour = MISBEHAVIOURS[name]!
      t.strictSame(await inTurns(3, letsGo), [], name)
    }
    const result = await channel.send(consignmentTo(agency.url), AbortSignal.abort())
    t.match(result.outcome, /^(available|retry|refused)$/, 'told before it began')
  })

  await t.test('it holds no connection afterwards', async (t) => {
    t.ok(await waitFor(() => agency.openSockets === 0, 2_000).then(() => true))
  })
}
