import { channel } from 'node:diagnostics_channel'
import t from 'tap'
import { passStep, passStepUnanswered, STEP_CHANNEL, STEPS } from '../../src/step.ts'

t.test('a step is told to whoever listens, at once, and to nobody else', async (t) => {
  passStep('relay-told')
  const told: unknown[] = []
  const listen = (step: unknown) => told.push(step)
  channel(STEP_CHANNEL).subscribe(listen)
  passStep('accept-written')
  t.same(told, ['accept-written'])
  channel(STEP_CHANNEL).unsubscribe(listen)
  passStep('accept-written')
  t.equal(told.length, 1)
})

t.test('each step has one name', async (t) => t.equal(new Set(STEPS).size, STEPS.length))

t.test('what has no answer yet is told in the next turn of the process', async (t) => {
  const told: unknown[] = []
  const listen = (step: unknown) => told.push(step)
  channel(STEP_CHANNEL).subscribe(listen)
  passStepUnanswered('receipt-written')
  t.same(told, [])
  await new Promise((resolve) => setImmediate(resolve))
  t.same(told, ['receipt-written'])
  channel(STEP_CHANNEL).unsubscribe(listen)
})
