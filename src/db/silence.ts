import { Socket } from 'node:net'
import pg from 'pg'
import { BatchingSocket } from './batching-socket.ts'

/** Knows whether the database answers at all, and ends connections over which no answer will come. */
export interface SilenceWatch {
  /** Makes the sockets of connections that are watched: `stream` of pg's configuration. */
  readonly stream: () => Socket
  /** Whether it was asked and did not answer, and has not answered since. */
  readonly silent: boolean
  close(): void
}

export interface SilenceWatchOptions {
  readonly databaseUrl: string
  /** Milliseconds for which the answer to the simplest question is waited for. */
  readonly patienceMs: number
  /** Told when it falls silent, and when it answers again. */
  readonly onChange: (silent: boolean) => void
}

const ASK_EVERY_MS = 250

/**
 * Asks the database again and again over a connection of its own. Where it does not answer (a machine without power, a
 * frozen process, a network that drops packets) every watched connection is ended with ETIMEDOUT, and new ones fail at
 * once until it answers: nobody waits for it one by one, and no statement that merely takes long is ended. A server that
 * refuses connections is not silent: whoever asks learns it from the refusal.
 */
export function watchForSilence(options: SilenceWatchOptions): SilenceWatch {
  const { databaseUrl, patienceMs, onChange } = options
  const sockets = new Set<Socket>()
  let line: Line | undefined
  let silent = false
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const become = (now: boolean): void => {
    if (closed) return
    if (now) for (const socket of sockets) socket.destroy(noAnswer())
    if (now !== silent) onChange(now)
    silent = now
  }
  const look = async (): Promise<void> => {
    line ??= openLine(databaseUrl, patienceMs)
    const outcome = await withinPatience(line.ask(), patienceMs)
    if (outcome !== 'answered') {
      line.end()
      line = undefined
    }
    become(outcome === 'silent')
    if (!closed) timer = setTimeout(() => void look(), ASK_EVERY_MS).unref()
  }
  void look()
  return {
    stream() {
      if (silent) return deadSocket()
      const socket = new BatchingSocket()
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    get silent() {
      return silent
    },
    close() {
      closed = true
      clearTimeout(timer)
      line?.end()
    },
  }
}

interface Line {
  ask(): Promise<unknown>
  end(): void
}

/** A connection that is ended without a goodbye, for nobody may be there to hear it. */
function openLine(databaseUrl: string, patienceMs: number): Line {
  const socket = new Socket()
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'tram-watch',
    connectionTimeoutMillis: patienceMs * 2,
    stream: () => socket,
  })
  client.on('error', () => undefined)
  const connected = client.connect()
  connected.catch(() => undefined)
  return {
    ask: () => connected.then(() => client.query('select')),
    end: () => void socket.destroy(),
  }
}

type Outcome = 'answered' | 'failed' | 'silent'

/** An answer that has come while this process was busy itself counts: it is read before the time is called up. */
async function withinPatience(work: Promise<unknown>, patienceMs: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => setImmediate(() => setImmediate(resolve, 'silent')), patienceMs)
  })
  const answer = work.then(
    (): Outcome => 'answered',
    (): Outcome => 'failed',
  )
  const outcome = await Promise.race([answer, limit])
  clearTimeout(timer)
  return outcome
}

const noAnswer = (): Error => Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT' })

/** A connection to a server that is known to be silent: it fails as it would after a long while. */
function deadSocket(): Socket {
  const socket = new Socket()
  socket.connect = () => {
    process.nextTick(() => socket.destroy(noAnswer()))
    return socket
  }
  return socket
}
