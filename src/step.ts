import { channel } from 'node:diagnostics_channel'

/**
 * The steps on a document's way between which a process may die. Each is told just after it was made and before the next
 * one begins: `accept-written` stands inside the transaction, `accept-committed` between the commit and the answer. Where
 * one statement is the transaction, `local-written` and `receipt-written` are told when it has left, unanswered.
 */
export const STEPS = [
  'accept-staged',
  'accept-durable',
  'accept-written',
  'accept-committed',
  'relay-taken',
  'relay-told',
  'claim-written',
  'claim-committed',
  'send-done',
  'settle-written',
  'settle-committed',
  'local-written',
  'local-committed',
  'receipt-written',
  'receipt-committed',
  'reconcile-written',
  'feed-written',
] as const

export type Step = (typeof STEPS)[number]

/** Where steps are told, for whoever observes this process from within. */
export const STEP_CHANNEL = 'tram:step'

const steps = channel(STEP_CHANNEL)

/** Tells that a step was made. Costs one look at a field where nobody listens. */
export function passStep(step: Step): void {
  if (steps.hasSubscribers) steps.publish(step)
}

/** Tells a step in the next turn of this process: what is sent in this one has left by then, and has no answer yet. */
export function passStepUnanswered(step: Step): void {
  if (steps.hasSubscribers) setImmediate(passStep, step)
}
