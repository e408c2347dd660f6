import fc from 'fast-check'
import t from 'tap'
import { failedAnswer, okAnswer } from '../../../src/axis/answers.ts'
import { asciiJson } from '../../../src/axis/ascii-json.ts'
import { AXIS_ERROR_CODES, axisErrorCode } from '../../../src/axis/error-codes.ts'
import { AXIS_OPERATIONS, type AxisOperation } from '../../../src/axis/operations.ts'
import type { Fault } from '../../../src/domain/fault.ts'
import { GatewayError, PROBLEMS, type ProblemCode } from '../../../src/domain/problem.ts'

const operations = Object.keys(AXIS_OPERATIONS) as AxisOperation[]

t.test('a failed answer holds every field without which the client would lose the code', async (t) => {
  for (const operation of [...operations, undefined]) {
    const text = failedAnswer(operation, '18', { vi: 'Không tìm thấy nơi nhận', en: 'No such recipient' })
    t.match(text, /^[\x20-\x7e]+$/)
    const answer = JSON.parse(text)
    t.match(answer, {
      status: 'FAIL',
      ErrorCode: '18',
      ErrorDesc: 'Không tìm thấy nơi nhận / No such recipient',
    })
    t.notOk(Object.values(answer).includes(null))
  }
  const failed = (operation: AxisOperation) => JSON.parse(failedAnswer(operation, '20', { vi: '', en: '' }))
  t.same(failed('sendEdoc'), { status: 'FAIL', ErrorCode: '20', ErrorDesc: 'Lỗi / Error', DocId: '' })
  t.same(failed('getReceivedEdocList').data, [])
  t.same(failed('getEdoc').data, '')
  t.equal(failed('countReceiveEdoc').count, 0)
})

t.test('an answer that succeeded', async (t) => {
  t.equal(
    okAnswer('sendEdoc', { DocId: 'd1' }),
    '{"status":"OK","ErrorCode":"0","ErrorDesc":"Success","DocId":"d1"}',
  )
  t.equal(okAnswer('updateStatus', {}), '{"status":"OK","ErrorCode":"0","ErrorDesc":"Success"}')
})

t.test('JSON is ASCII, without null, and otherwise what it was', async (t) => {
  t.equal(
    asciiJson({ name: 'Sở', sign: '😀', del: '\u007f' }),
    '{"name":"S\\u1edf","sign":"\\ud83d\\ude00","del":"\\u007f"}',
  )
  t.equal(
    asciiJson({ a: null, b: [1, null, undefined, Number.NaN, { c: null, d: '' }], e: undefined, f: 1 / 0 }),
    '{"b":[1,{"d":""}]}',
  )
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
      const text = asciiJson(value)
      return /^[^\x7f-\uffff]*$/.test(text) && JSON.stringify(JSON.parse(text)) === JSON.stringify(value)
    }),
  )
})

t.test('20 stands exactly where the same request may succeed later', async (t) => {
  for (const [code, { retryable }] of Object.entries(PROBLEMS)) {
    t.equal(AXIS_ERROR_CODES[code as ProblemCode] === '20', retryable, code)
  }
})

t.test('recipients that have all closed are locked, others do not exist', async (t) => {
  const fault = (code: string): Fault => ({ code, severity: 'error', hint: { vi: '', en: '' } })
  const codeOf = (...codes: string[]) =>
    axisErrorCode(new GatewayError('recipients-unresolvable', { faults: codes.map(fault) }))
  t.equal(codeOf('recipient-closed', 'recipient-closed'), '23')
  t.equal(codeOf('recipient-closed', 'recipient-unknown'), '18')
  t.equal(codeOf(), '18')
  t.equal(axisErrorCode(new GatewayError('packet-invalid', { faults: [fault('recipient-closed')] })), '22')
})
