import { setImmediate } from 'node:timers/promises'
import { GatewayError } from '../domain/problem.ts'

/** Work that can pause: it yields after each of its small steps, and returns what it comes to. */
export type Sliced<T> = Generator<undefined, T, undefined>

/** Milliseconds for which work runs before everything else has its turn: accepting a document waits dozens of times. */
const SLICE_MS = 3

/** Runs work to its end in one go: for what is small, and for processes that do nothing else. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/**
 * Runs work in slices of some milliseconds, so that the process answers others meanwhile.
 * @param signal stops the work between two slices: whoever asked for it has gone away
 * @throws GatewayError `request-timeout` where it was stopped
 */
export async function inSlices<T>(work: Sliced<T>, signal?: AbortSignal): Promise<T> {
  await pause(signal)
  for (let began = performance.now(); ; ) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - began < SLICE_MS) continue
    await pause(signal)
    began = performance.now()
  }
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate()
  if (signal?.aborted) throw goneAway()
}

/** What is told of work for somebody who no longer waits for it. */
export const goneAway = (): GatewayError =>
  new GatewayError('request-timeout', {
    detail: {
      vi: 'Bên gọi đã ngắt kết nối; việc kiểm tra được dừng và không có gì được ghi.',
      en: 'The caller has gone away; the work was stopped and nothing was written.',
    },
  })
