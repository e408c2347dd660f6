/** The part of BullMQ's Queue by which it ends. */
export interface ClosableQueue {
  close(): Promise<void>
  disconnect(): Promise<void>
}

/** The part of BullMQ's Worker by which it ends. */
export interface ClosableWorker {
  /** Takes no more jobs; settles when those under way are done with, which it never does while the server is away. */
  pause(): Promise<void>
  close(force: boolean): Promise<void>
}

const LIMIT_MS = 2_000

/**
 * Closes a Worker that was paused. By force, for the other way of closing waits without limit while the server is away;
 * but not before it had time to tell the queue of the jobs that it has done.
 */
export async function letWorkerGo(worker: ClosableWorker, paused: Promise<void>): Promise<void> {
  await withinLimit(paused)
  await withinLimit(worker.close(true))
}

/**
 * Cuts a Queue's connection, then closes it. In the other order, where the server is away, the client would take itself
 * for closed, go on connecting, and keep the process alive.
 */
export async function letQueueGo(queue: ClosableQueue): Promise<void> {
  await withinLimit(queue.disconnect())
  await withinLimit(queue.close())
}

async function withinLimit(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LIMIT_MS)
  })
  // What fails here fails because the server is away, and nothing depends on it any more.
  await Promise.race([work.catch(() => undefined), limit])
  clearTimeout(timer)
}
