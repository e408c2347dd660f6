import t from 'tap'
import type { AxisFailure } from '../../../src/axis/client-types.ts'
import { Line } from '../../../src/connector/line.ts'

const failed = (kind: AxisFailure['kind']): AxisFailure => ({ kind, code: '', detail: '', mayHaveLeft: true })

t.test('single failures are nothing, several one after the other end the round', async (t) => {
  const line = new Line()
  t.equal(line.up, undefined)
  for (const kind of ['timeout', 'http', 'unreachable'] as const) line.saw(failed(kind))
  t.notOk(line.isDown)
  t.equal(line.up, false)
  line.saw(undefined)
  for (const kind of ['timeout', 'not-json', 'unreachable'] as const) line.saw(failed(kind))
  t.notOk(line.isDown, 'what went well between counts')
  line.saw(failed('http'))
  t.ok(line.isDown)
})

t.test('in the next round one request finds out', async (t) => {
  const line = new Line()
  for (let times = 0; times < 9; times += 1) line.saw(failed('unreachable'))
  line.begin()
  t.notOk(line.isDown)
  line.saw(failed('unreachable'))
  t.ok(line.isDown)
  line.begin()
  line.saw(undefined)
  t.ok(line.up)
  line.saw(failed('unreachable'))
  t.notOk(line.isDown)
})

t.test('who refuses is there, and what we ended ourselves says nothing', async (t) => {
  const line = new Line()
  for (let times = 0; times < 9; times += 1) line.saw(failed('refused'))
  t.ok(line.up)
  for (let times = 0; times < 9; times += 1) line.saw(failed('aborted'))
  t.ok(line.up)
})
