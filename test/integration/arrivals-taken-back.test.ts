import t from 'tap'
import type { AxisFailure } from '../../src/axis/client-types.ts'
import { pollRound } from '../../src/connector/poll-round.ts'
import type { ConnectorChannelId } from '../../src/domain/axis/connector.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { GatewayError, type ProblemCode } from '../../src/domain/problem.ts'
import { failure } from '../../src/http/axis-door/answer.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const [AWAY, HOME] = ['H91', 'H90']
const gateway = await testGateway(t)
const axis = await FakeAxis.start(t)

/** What a gateway of this kind says, as its client is told. */
function saidOf(code: ProblemCode): AxisFailure {
  const { ErrorCode, ErrorDesc } = JSON.parse(failure('getEdoc', new GatewayError(code)))
  return { kind: 'refused', code: ErrorCode, detail: ErrorDesc, mayHaveLeft: true }
}

let serial = 0
/** One packet on the other exchange's list, and a round in which it is answered so. */
async function roundWith(
  channel: ConnectorChannelId,
  operation: 'getEdoc' | 'updateStatus',
  code: ProblemCode,
) {
  serial += 1
  axis.calls.length = 0
  const name = `truc-${serial}`
  const here = await connectTo(t, gateway, axis.url, [HOME], {
    name,
    channel,
    gateway: channel === 'gateway' ? agencyCode(AWAY) : null,
  })
  axis.store.held.clear()
  const documentId = `${AWAY},2026/11/20,${serial}/UBND`
  const docId = axis.offer(await documentPacket({ from: AWAY, to: [HOME], documentId }), AWAY, HOME)
  const refused = async () => ({ ok: false, failure: saidOf(code) }) as const
  const { dependencies } = here
  const client = { ...dependencies.client, [operation]: refused }
  await pollRound({ ...dependencies, client }, new AbortController().signal)
  return { arrival: await here.arrival(docId), calls: [...axis.calls], here }
}

for (const code of ['delivery-withdrawn', 'delivery-moved'] as const)
  t.test(`${code}: what was not fetched yet ends at once, and nobody is told`, async (t) => {
    const { arrival, calls, here } = await roundWith('gateway', 'getEdoc', code)
    t.match(arrival, { state: 'refused', told: true, packet: null, problem: { code } })
    t.match(arrival?.problem?.explanation.vi, code)
    t.notOk(calls.includes('updateStatus'))
    axis.calls.length = 0
    await here.round()
    t.notOk(axis.calls.includes('getEdoc'), 'and it is not asked for again')
  })

t.test('what was taken in before it was taken back is not told again and again', async (t) => {
  const { arrival } = await roundWith('gateway', 'updateStatus', 'delivery-withdrawn')
  t.match(arrival, { state: 'accepted', told: true, failure: null })
})

t.test('other refusals are waited for, and so is whatever the national axis says', async (t) => {
  for (const [channel, code] of [
    ['gateway', 'not-found'],
    ['gateway', 'delivery-state-conflict'],
    ['national-axis', 'delivery-withdrawn'],
  ] as const) {
    const { arrival } = await roundWith(channel, 'getEdoc', code)
    t.match(arrival, { state: 'listed', told: false, problem: null, failure: { code: 'refused' } }, code)
  }
})
