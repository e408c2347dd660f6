import fc from 'fast-check'
import t from 'tap'
import { ATTEMPT_STATES } from '../../../src/domain/attempt-state.ts'
import { BUSINESS_OPERATIONS, businessOperationFromWire } from '../../../src/domain/business-operation.ts'
import {
  canMove,
  DELIVERY_STATE_IDS,
  DELIVERY_STATES,
  type DeliveryState,
  statesBefore,
} from '../../../src/domain/delivery-state.ts'
import { DOCUMENT_STATES, documentStateOf } from '../../../src/domain/document-state.ts'
import { REQUEST_STATES, type RequestState, requestStateAfter } from '../../../src/domain/request-state.ts'
import {
  isStatusCode,
  processingStatusAfter,
  STATUS_CODES,
  type StatusCode,
  type StatusCodeRow,
} from '../../../src/domain/status-code.ts'

const MACHINES: Record<string, Record<string, { next: Partial<Record<string, string>> }>> = {
  delivery: DELIVERY_STATES,
  document: DOCUMENT_STATES,
  attempt: ATTEMPT_STATES,
  request: REQUEST_STATES,
}
const INITIAL: Record<string, string> = {
  delivery: 'waiting',
  document: 'accepted',
  attempt: 'started',
  request: 'requested',
}

function reachable(states: (typeof MACHINES)[string], from: string): Set<string> {
  const found = new Set([from])
  for (const state of found) for (const next of Object.keys(states[state]!.next)) found.add(next)
  return found
}

t.test(
  'every state of every machine can be reached from its first, and nothing leads elsewhere',
  async (t) => {
    for (const [name, states] of Object.entries(MACHINES)) {
      t.strictSame([...reachable(states, INITIAL[name]!)].sort(), Object.keys(states).sort(), name)
      for (const [id, { next }] of Object.entries(states))
        for (const [to, by] of Object.entries(next))
          t.ok(to in states && by, `${name}: ${id} -> ${to} has its event`)
    }
  },
)

t.test('delivery', async (t) => {
  t.test('statesBefore is canMove read backwards', async () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DELIVERY_STATE_IDS),
        fc.constantFrom(...DELIVERY_STATE_IDS),
        (from, to) => statesBefore(to).includes(from) === canMove(from, to),
      ),
    )
  })

  t.test('what the recipient may hold is never taken back, lost or sent again', async (t) => {
    for (const state of reachable(DELIVERY_STATES, 'handed-over'))
      t.ok(['handed-over', 'acknowledged'].includes(state), state)
    t.notOk(canMove('acknowledged', 'handed-over'))
  })

  t.test('what was withdrawn stays withdrawn', async (t) => {
    t.strictSame([...reachable(DELIVERY_STATES, 'withdrawn')], ['withdrawn'])
  })

  t.test('only what was not handed over can be withdrawn', async (t) => {
    t.strictSame(statesBefore('withdrawn').sort(), ['available', 'failed', 'waiting'])
    t.strictSame(statesBefore('acknowledged'), ['handed-over'])
  })
})

/** What the events of the delivery machine make of deliveries that all begin as waiting. */
const history = fc
  .record({
    recipients: fc.integer({ min: 1, max: 4 }),
    moves: fc.array(fc.record({ who: fc.nat(), where: fc.nat() }), { maxLength: 30 }),
  })
  .map(({ recipients, moves }) => {
    const states: DeliveryState[] = Array.from({ length: recipients }, () => 'waiting')
    const steps: DeliveryState[][] = [[...states]]
    for (const { who, where } of moves) {
      const index = who % recipients
      const next = DELIVERY_STATE_IDS.filter((to) => canMove(states[index]!, to))
      if (next.length === 0) continue
      states[index] = next[where % next.length]!
      steps.push([...states])
    }
    return steps
  })

t.test('document', async (t) => {
  t.test('moves only as drawn while its deliveries move as drawn, one at a time', async () => {
    fc.assert(
      fc.property(history, (steps) => {
        const states = steps.map(documentStateOf)
        return states.every((state, index) => {
          const before = states[index - 1]
          return before === undefined
            ? state === 'accepted'
            : state === before || DOCUMENT_STATES[before].next[state] !== undefined
        })
      }),
      { numRuns: 2_000 },
    )
  })

  t.test('uses every drawn transition', async (t) => {
    const seen = new Set<string>()
    const combinations = DELIVERY_STATE_IDS.flatMap((a) =>
      DELIVERY_STATE_IDS.flatMap((b) => DELIVERY_STATE_IDS.map((c) => [a, b, c] as const)),
    )
    const sets = [...DELIVERY_STATE_IDS.map((a) => [a] as const), ...combinations]
    for (const set of sets)
      for (const to of DELIVERY_STATE_IDS.filter((next) => canMove(set[0], next)))
        seen.add(`${documentStateOf(set)} -> ${documentStateOf([to, ...set.slice(1)])}`)
    for (const [from, { next }] of Object.entries(DOCUMENT_STATES))
      for (const to of Object.keys(next)) t.ok(seen.has(`${from} -> ${to}`), `${from} -> ${to}`)
  })

  t.test('does not depend on the order of recipients', async () => {
    const states = fc.array(fc.constantFrom(...DELIVERY_STATE_IDS))
    fc.assert(fc.property(states, (list) => documentStateOf(list) === documentStateOf([...list].reverse())))
  })

  t.test('is called delivered only where every recipient has it', async (t) => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DELIVERY_STATE_IDS), { minLength: 1 }), (list) => {
        const all = list.every((state) => state === 'handed-over' || state === 'acknowledged')
        return (documentStateOf(list) === 'delivered') === all
      }),
    )
    t.equal(documentStateOf([]), 'delivered', 'a recall that nobody has to be told of')
    t.equal(documentStateOf(['available']), 'accepted')
    t.equal(documentStateOf(['failed', 'withdrawn']), 'failed')
  })
})

const CODES = Object.keys(STATUS_CODES) as StatusCode[]
const code = fc.oneof(
  fc.constantFrom(...CODES),
  fc.constantFrom('07', '12', '14', '99', '', 'toString', '__proto__'),
)
const afterAll = (codes: readonly string[]): StatusCode | null =>
  codes.reduce<StatusCode | null>((current, next) => processingStatusAfter(current, next), null)

t.test('processing status', async (t) => {
  t.test('is the same in whatever order and however often codes come', async () => {
    fc.assert(
      fc.property(
        fc
          .array(code)
          .chain((codes) =>
            fc.tuple(fc.constant(codes), fc.shuffledSubarray(codes, { minLength: codes.length })),
          ),
        ([codes, shuffled]) =>
          afterAll(codes) === afterAll(shuffled) && afterAll([...codes, ...codes]) === afterAll(codes),
      ),
    )
  })

  t.test('is not changed by codes that are unknown or speak of something else', async () => {
    const row = (each: StatusCode): StatusCodeRow => STATUS_CODES[each]
    const current = fc.constantFrom(null, ...CODES.filter((each) => row(each).rank !== undefined))
    const silent = fc.oneof(
      fc.string().filter((text) => !isStatusCode(text)),
      fc.constantFrom(...CODES.filter((each) => row(each).rank === undefined)),
    )
    fc.assert(fc.property(current, silent, (before, told) => processingStatusAfter(before, told) === before))
  })

  t.test('never falls back', async (t) => {
    t.equal(afterAll(['03', '01']), '03', 'an arrival that is told late')
    t.equal(afterAll(['02', '03']), '03', 'refused by one clerk, accepted by the next')
    t.equal(afterAll(['06', '05', '04', '02']), '06')
    const ranks = CODES.flatMap((each) => (STATUS_CODES[each] as StatusCodeRow).rank ?? [])
    t.equal(new Set(ranks).size, ranks.length, 'no two codes share a rank')
  })
})

t.test('request', async (t) => {
  t.test('moves only as drawn, and only where there is one', async () => {
    const current = fc.constantFrom<RequestState | null>(null, 'requested', 'agreed', 'objected')
    fc.assert(
      fc.property(current, code, (before, told) => {
        const after = requestStateAfter(before, told)
        return after === before || (before !== null && after !== null && after in REQUEST_STATES[before].next)
      }),
    )
  })

  t.test('an agreement stands, an objection may still become one', async (t) => {
    t.equal(requestStateAfter('requested', '15'), 'agreed')
    t.equal(requestStateAfter('requested', '16'), 'objected')
    t.equal(requestStateAfter('objected', '15'), 'agreed')
    t.equal(requestStateAfter('agreed', '16'), 'agreed')
    t.equal(requestStateAfter('agreed', '13'), 'agreed', 'asking again is for the one who asks')
    t.equal(requestStateAfter(null, '15'), null)
    t.equal(requestStateAfter('requested', '06'), 'requested')
  })
})

t.test('what a packet does is known by its number on the wire, and by no other', async (t) => {
  for (const [id, { wire }] of Object.entries(BUSINESS_OPERATIONS))
    t.equal(businessOperationFromWire(wire), id)
  for (const wire of [-1, 4, 0.5, Number.NaN]) t.equal(businessOperationFromWire(wire), undefined)
})
