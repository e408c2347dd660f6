import fc from 'fast-check'
import t from 'tap'
import type { AxisFailure } from '../../../src/axis/client-types.ts'
import { failedSend } from '../../../src/delivery/channels/axis-failures.ts'
import { namesThere } from '../../../src/delivery/names-there.ts'
import { blockedDelay, RETRY_SCHEDULE } from '../../../src/delivery/retry-policy.ts'
import { judge } from '../../../src/delivery/verdict.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'

const failure = (more: Partial<AxisFailure>): AxisFailure => ({
  kind: 'refused',
  code: '',
  detail: 'lời của trục kia',
  mayHaveLeft: true,
  ...more,
})
const refusal = (code: string) => failedSend('axis', failure({ code }))

t.test('what each refusal means', async (t) => {
  const table: readonly [string, object, boolean][] = [
    ['10', { outcome: 'refused', notTaken: true }, false],
    ['15', { outcome: 'retry', notTaken: true, blocked: true }, false],
    ['18', { outcome: 'refused', notTaken: true }, true],
    ['19', { outcome: 'retry', notTaken: true }, false],
    ['20', { outcome: 'retry' }, false],
    ['21', { outcome: 'refused', notTaken: true }, false],
    ['22', { outcome: 'refused', notTaken: true }, false],
    ['23', { outcome: 'refused', notTaken: true }, true],
    ['', { outcome: 'retry' }, false],
    ['constructor', { outcome: 'retry' }, false],
  ]
  for (const [code, expected, isForSome] of table) {
    const { failure: told, ...rest } = refusal(code).result as { failure: { explanation: object } }
    t.strictSame([rest, refusal(code).isForSome], [expected, isForSome], code)
    t.match(told.explanation, { vi: /lời của trục kia/, en: /lời của trục kia/ })
  }
})

t.test('only what certainly did not leave, or was refused in so many words, was not taken', async () => {
  const kinds = ['unreachable', 'timeout', 'aborted', 'http', 'not-json', 'answer-invalid'] as const
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.boolean(),
      fc.constantFrom(undefined, 200, 302, 404, 413, 431, 500, 502, 503),
      (kind, mayHaveLeft, httpStatus) => {
        const status = httpStatus !== undefined && { httpStatus }
        const { result } = failedSend('axis', failure({ kind, mayHaveLeft, ...status }))
        const tooLarge = kind === 'http' && (httpStatus === 413 || httpStatus === 431)
        return ('notTaken' in result && result.notTaken === true) === (!mayHaveLeft || tooLarge)
      },
    ),
  )
})

t.test('what is blocked waits up to five minutes, charges nothing, and ends with the schedule', async (t) => {
  t.equal(blockedDelay(0, 0), 15)
  t.equal(blockedDelay(1_000, 0), 100)
  t.equal(blockedDelay(3_600, 0), 300, 'after an hour, five minutes at most')
  const schedule = RETRY_SCHEDULE.reduce((sum, seconds) => sum + seconds, 0)
  t.equal(blockedDelay(schedule + 1, 0), null)
  const { result } = failedSend('axis', failure({ kind: 'unreachable', mayHaveLeft: false }))
  t.match(judge(30, result, { random: 0, waited: 3_600 }), {
    settlement: { state: 'waiting', counts: false, retryAfter: 300 },
  })
  t.equal(judge(30, result, { random: 0, waited: 3_600 }).gaveUp, undefined)
  t.match(judge(1, result, { random: 0, waited: schedule + 1 }).settlement, { state: 'failed' })
})

t.test('recipients are named as the packet spells them', async (t) => {
  const recipient = agencyCode('H90')
  const name = (spelling: string, more = {}) => ({ spelling, code: recipient, name: '', hops: [], ...more })
  t.same(namesThere({ recipient, route: {} }), ['H90'])
  t.same(namesThere({ recipient, route: { addressed: [name('000.00.00.H90'), name('H90.11')] } }), [
    '000.00.00.H90',
    'H90.11',
  ])
  const group = { code: agencyCode('G.XA'), name: 'Các xã' }
  t.same(
    namesThere({ recipient, route: { addressed: [name('G.XA', { group })] } }),
    ['H90'],
    'no group goes abroad',
  )
  const gone = name('H90.11', { withdrawnBy: '0' })
  t.same(namesThere({ recipient, route: { addressed: [gone, name('H90')] } }), ['H90'])
})
