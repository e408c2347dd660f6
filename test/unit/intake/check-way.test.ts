import t from 'tap'
import { discardingStage } from '../../../src/blobs/memory-stage.ts'
import type { Hop } from '../../../src/domain/axis/hop.ts'
import type { CallerRole } from '../../../src/domain/caller.ts'
import type { TraceHeader } from '../../../src/domain/envelope.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { DEFAULT_LIMITS, parsePacket } from '../../../src/edxml/parse-packet.ts'
import { checkWay, MOST_HOPS } from '../../../src/intake/check-way.ts'
import type { PermittedDocument } from '../../../src/intake/submission.ts'
import { chunked, vector } from '../edxml/vectors.ts'

const parsed = await parsePacket(
  chunked(vector('valid/edxml/all-prefixed')),
  discardingStage(),
  DEFAULT_LIMITS,
)
const { envelope } = parsed
if (envelope.kind !== 'document') throw new Error('the vector holds a document')

interface Way {
  readonly trace?: readonly TraceHeader[]
  readonly hops?: readonly Hop[]
  readonly role?: CallerRole
}

const arriving = ({ trace = [], hops, role = 'agency' }: Way): PermittedDocument => ({
  caller: { clientId: 'x', role, agency: null },
  idempotencyKey: undefined,
  brokenSignatures: 'refuse',
  serves: undefined,
  handedInFor: undefined,
  fromGateway: hops && { name: 'truc', hops },
  stage: discardingStage(),
  packet: parsed.packet,
  parsed,
  envelope: { ...envelope, from: { organId: agencyCode('H90') }, trace },
  warnings: [],
  permitted: true,
})

const wayOf = (way: Way, traceId: string | null = 'TRAM') => checkWay({ traceId }, arriving(way)).hops
const hop = (organId: string, timestamp = '2026/11/22 06:00:00'): Hop => ({ organId, timestamp })

t.test('the way is told by TraceHeaders and by what stands beside, each hop once', async (t) => {
  t.strictSame(wayOf({}), [])
  t.strictSame(wayOf({ trace: [hop('A')], hops: [hop('a '), hop('B')] }), [hop('a '), hop('B')])
  t.strictSame(wayOf({ trace: [{ organId: 'null' }, {}, { organId: 'A' }] }), [hop('A', '')])
})

t.test('this gateway knows itself however it is written, and only where it has a name', async (t) => {
  for (const way of [{ trace: [hop('tram')] }, { hops: [hop('A'), hop(' TRAM')] }]) {
    t.throws(() => wayOf(way), { code: 'packet-looped' })
    t.ok(wayOf(way, null))
  }
})

t.test('what the sender writes of itself is no hop, unless an exchange hands it in', async (t) => {
  t.strictSame(wayOf({ trace: [hop('H90')] }, 'H90'), [])
  t.throws(() => wayOf({ trace: [hop('H90')], hops: [] }, 'H90'), { code: 'packet-looped' })
  t.throws(() => wayOf({ trace: [hop('H90')], role: 'gateway' }, 'H90'), { code: 'packet-looped' })
})

t.test('a way has an end', async (t) => {
  const way = (count: number) => Array.from({ length: count }, (_, at) => hop(`T${at}`))
  t.equal(wayOf({ hops: way(MOST_HOPS) }).length, MOST_HOPS)
  t.throws(() => wayOf({ hops: way(MOST_HOPS + 1) }), { code: 'packet-looped' })
})
