import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Teardown } from './temporary-folder.ts'

/** What becomes of bytes and of new connections on a line. */
export interface LineBehaviour {
  /** Held bytes arrive once they may pass, as after lost packets that TCP sends again. */
  readonly toServer: 'pass' | 'hold'
  readonly toClient: 'pass' | 'hold'
  /** Milliseconds by which bytes come later, in both directions. */
  readonly delayMs: number
  /** Of new connections: `hang` takes them and asks nobody, as a frozen server does. */
  readonly connections: 'pass' | 'reset' | 'hang'
}

/** A way to a server by TCP that can be made bad, for whoever connects by it. */
export interface FaultyLine {
  /** The server's URL, by this way. */
  readonly url: string
  /** How many connections there are. */
  readonly open: number
  /** Changes what is given; the rest stays as it is. */
  behave(behaviour: Partial<LineBehaviour>): void
  /** Nothing passes in either direction, nor over new connections, until `heal`. */
  fallSilent(): void
  /** Ends every connection by RST. */
  reset(): void
  /**
   * The connections that there are pass nothing any more, for good and without a word, while new ones work: after a
   * fail-over, or where a firewall forgot them.
   */
  forget(): void
  /** The server's end of each connection closes, and the client is not told: half-open. */
  halfOpen(): void
  /** Everything passes again. Connections that hung go on, and reach the server now. */
  heal(): void
}

const SOUND: LineBehaviour = { toServer: 'pass', toClient: 'pass', delayMs: 0, connections: 'pass' }

/** Bytes in one direction, in their order, with the delay and holds of the line. */
interface Pump {
  /** To be called when the line's behaviour changed. */
  review(): void
  stop(): void
}

interface Pair {
  readonly near: Socket
  far: Socket | null
  pumps: readonly Pump[]
  forgotten: boolean
}

function pump(from: Socket, to: Socket, mayPass: () => boolean, delayMs: () => number): Pump {
  let underWay = Promise.resolve()
  let stopped = false
  const review = () => void (mayPass() ? from.resume() : from.pause())
  const later = (work: () => void) => {
    const waits = delayMs()
    underWay = underWay.then(async () => {
      if (waits > 0) await new Promise((resolve) => setTimeout(resolve, waits))
      if (!stopped) work()
    })
  }
  from.on('data', (bytes: Buffer) => {
    if (delayMs() === 0 && to.write(bytes)) return
    if (delayMs() > 0) return later(() => void to.write(bytes))
    from.pause()
    to.once('drain', review)
  })
  from.once('end', () => later(() => void (stopped || to.end())))
  review()
  return {
    review,
    stop() {
      stopped = true
      from.removeAllListeners('data').removeAllListeners('end').pause()
    },
  }
}

/** @param url of the server, with host and port */
export async function faultyLine(t: Teardown, url: string): Promise<FaultyLine> {
  const target = new URL(url)
  const pairs = new Set<Pair>()
  let behaviour = SOUND

  function lead(pair: Pair): void {
    const far = connect(Number(target.port), target.hostname)
    pair.far = far
    const passes = (way: 'toServer' | 'toClient') => () => !pair.forgotten && behaviour[way] === 'pass'
    const delay = () => behaviour.delayMs
    pair.pumps = [
      pump(pair.near, far, passes('toServer'), delay),
      pump(far, pair.near, passes('toClient'), delay),
    ]
    far.on('error', () => pair.near.resetAndDestroy())
    far.on('close', () => void (pair.forgotten || pair.near.destroySoon()))
  }
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    if (behaviour.connections === 'reset') return void near.resetAndDestroy()
    const pair: Pair = { near, far: null, pumps: [], forgotten: false }
    pairs.add(pair)
    near.on('error', () => undefined)
    near.on('close', () => {
      pair.far?.destroy()
      pairs.delete(pair)
    })
    if (behaviour.connections === 'pass') lead(pair)
  })
  const behave = (changed: Partial<LineBehaviour>) => {
    behaviour = { ...behaviour, ...changed }
    for (const pair of pairs) {
      if (pair.far === null && !pair.forgotten && behaviour.connections === 'pass') lead(pair)
      for (const one of pair.pumps) one.review()
    }
  }
  const forget = () => {
    for (const pair of pairs) {
      pair.forgotten = true
      for (const one of pair.pumps) one.stop()
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const { near } of pairs) near.destroy()
    server.close()
  })
  const ours = new URL(url)
  ours.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: ours.href,
    get open() {
      return pairs.size
    },
    behave,
    fallSilent: () => behave({ toServer: 'hold', toClient: 'hold', connections: 'hang' }),
    reset() {
      for (const { near } of pairs) near.resetAndDestroy()
    },
    forget,
    halfOpen() {
      forget()
      for (const { far } of pairs) far?.destroy()
    },
    heal: () => behave(SOUND),
  }
}
