import t from 'tap'
import { AxisFault } from '../../../src/axis/axis-fault.ts'
import {
  readAgencies,
  readAgenciesQd20,
  readCount,
  readReceived,
  readResult,
  readSent,
  readUnits,
} from '../../../src/axis/read-answers.ts'
import type { Fields } from '../../../src/axis/read-fields.ts'
import { captures } from './captures.ts'

const answers = captures()?.answers
const skip = answers === undefined && 'no captures beside the project'

const OK = { status: 'OK', ErrorCode: '0', ErrorDesc: 'Success' }
const fields = (answer: object, httpStatus = 200) => readResult({ ...OK, ...answer }, httpStatus)

const kindOf = (read: () => unknown): string => {
  try {
    read()
    return 'ok'
  } catch (error) {
    if (error instanceof AxisFault) return error.kind
    throw error
  }
}

t.test('captured answers are read', { skip }, async (t) => {
  const read = <T>(operation: string, reader: (fields: Fields) => T): T =>
    reader(readResult(JSON.parse(answers?.get(operation) ?? ''), 200))
  t.same(await read('getAgenciesList', readAgencies), {
    items: [{ id: '1', pid: '', name: 'VPCP', mail: 'vpcp@gov.vn', code: '000.00.00.G22' }],
    faults: [],
  })
  t.match((await read('getAgenciesListQD20', readAgenciesQd20)).items, [
    { code: 'G22', code102: '000.00.00.G22' },
  ])
  t.match((await read('getSynchronizeUnit', readUnits)).items, [
    { code: '000.00.00.G22', version: 1, centerCode: 'x', deleted: false, isAgency: true },
  ])
  t.match(read('getReceivedEdocList', readReceived).items, [
    {
      docId: 'd1',
      messageType: 'edoc',
      created_time: '2019/05/17 18:16:33',
      from: '000.00.00.G22',
      status_desc: 'x',
    },
  ])
  t.match(read('getSentEdocList', readSent).items, [
    { senderDocId: 's1', receiverDocId: 'r1', toCode: 'b', receiveStatus: 'initial', title: 't' },
  ])
  t.equal(read('countReceiveEdoc', readCount), 3)
  t.equal(read('countReceiveStatus', readCount), 2)
  for (const operation of ['registerAgency', 'deleteAgency', 'updateStatus', 'sendEdoc', 'getEdoc']) {
    t.equal(
      read(operation, (found) => found.get('errorcode')),
      '0',
      operation,
    )
  }
})

t.test('what is missing is forgiven where the rest is clear', async (t) => {
  for (const answer of [
    { status: 'OK', ErrorCode: 0 },
    { status: 'ok', ErrorCode: null, ErrorDesc: null },
    { Status: 'SUCCESS', errorCode: '0' },
    { ErrorCode: '0' },
    { ErrorCode: 0, status: null },
    { data: [] },
  ]) {
    t.equal(
      kindOf(() => readResult(answer, 200)),
      'ok',
      JSON.stringify(answer),
    )
  }
})

t.test('what contradicts itself, or says nothing, is no answer', async (t) => {
  for (const answer of [
    {},
    [],
    null,
    'OK',
    3,
    { status: 'OK', ErrorCode: '20' },
    { status: 'PENDING', ErrorCode: '0' },
    { status: '' },
    { status: {}, ErrorCode: '0' },
    { error: 'unauthorized' },
    { data: {} },
  ]) {
    t.equal(
      kindOf(() => readResult(answer, 200)),
      'answer-invalid',
      JSON.stringify(answer),
    )
  }
  t.equal(
    kindOf(() => readResult({ error: 'x' }, 500)),
    'http',
  )
  t.equal(
    kindOf(() => readResult({ status: 'OK', ErrorCode: '0' }, 503)),
    'http',
    'no success under an error',
  )
})

t.test('a refusal is told with its code and words, under any HTTP status', async (t) => {
  for (const status of [200, 201, 400, 500]) {
    for (const answer of [
      { status: 'FAIL', ErrorCode: '18', ErrorDesc: 'Đơn vị nhận\r\nkhông tồn tại', DocId: '' },
      { status: 'fail', ErrorCode: 18, ErrorDesc: 'Đơn vị nhận không tồn tại' },
      { status: null, ErrorCode: '18', ErrorDesc: 'Đơn vị nhận không tồn tại', data: null },
    ]) {
      t.throws(() => readResult(answer, status), {
        kind: 'refused',
        code: '18',
        message: 'Đơn vị nhận không tồn tại',
      })
    }
  }
  t.throws(() => readResult({ status: 'FAIL' }, 200), { kind: 'refused', code: '', message: 'no ErrorDesc' })
})

t.test('lists: numbers for texts, null for nothing, one item alone, items that come again', async (t) => {
  const item = { docId: 7, from: null, to: 'b', created_time: 20190517, statusDesc: 'x' }
  const list = readReceived(fields({ data: [item, { ...item, from: 'again' }, { docId: '8' }] }))
  t.match(list.items, [
    { docId: '7', from: '', to: 'b', created_time: '20190517', status_desc: 'x', status: '' },
    { docId: '8' },
  ])
  t.same(list.faults, [])
  t.equal(readReceived(fields({ data: item })).items.length, 1, 'converted from XML')
  for (const data of [null, '', []]) t.same(readReceived(fields({ data })).items, [])
  t.same(readReceived(fields({})).items, [])
  const sent = { senderDocId: 's', receiveStatus: 'initial' }
  t.equal(readSent(fields({ data: [sent, sent, { ...sent, receiveStatus: 'done' }] })).items.length, 2)
})

t.test('an item that cannot be read is told, and hides no other', async (t) => {
  const bad = [
    null,
    'd1',
    [],
    {},
    { docId: '' },
    { docId: null },
    { docId: {} },
    { docId: 'a\r\nHost: b' },
    { docId: 'x'.repeat(501) },
    { docId: 2 ** 60 },
    { docId: 'd', from: ['a'] },
  ]
  const list = readReceived(fields({ data: [...bad, { docId: 'good' }] }))
  t.match(list.items, [{ docId: 'good' }])
  t.equal(list.faults.length, bad.length)
  t.ok(list.faults.every((fault) => fault.length > 0 && !/\p{Cc}/u.test(fault)))
  t.equal(readReceived(fields({ data: new Array(1000).fill(1) })).faults.length, 100)
  for (const data of ['x', 5, true])
    t.equal(
      kindOf(() => readReceived(fields({ data }))),
      'answer-invalid',
    )
})

t.test('units: flags and versions in the spellings of others', async (t) => {
  const unit = async (more: object) =>
    (await readUnits(fields({ data: [{ code: 'H41', ...more }] }))).items[0]
  t.match(await unit({}), { code: 'H41', version: 0, deleted: false, isAgency: true })
  t.match(await unit({ version: '12', deleted: 'true', isAgency: 0 }), {
    version: 12,
    deleted: true,
    isAgency: false,
  })
  t.equal(await unit({ version: 'x' }), undefined)
})

t.test('no count is not 0', async (t) => {
  t.equal(readCount(fields({ count: '5' })), 5)
  t.equal(readCount(fields({ count: 0 })), 0)
  for (const count of [null, -1, 1.5, 'many', [], 1e300]) {
    t.equal(
      kindOf(() => readCount(fields({ count }))),
      'answer-invalid',
      String(count),
    )
  }
})

t.test('names that mean something to the language mean nothing here', async (t) => {
  const answer: unknown = JSON.parse('{"__proto__":{"status":"OK","ErrorCode":"0"},"constructor":"x"}')
  t.equal(
    kindOf(() => readResult(answer, 200)),
    'answer-invalid',
  )
})
