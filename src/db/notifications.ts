import pg from 'pg'
import { KEEP_ALIVE, type Queryable } from './pool.ts'
import type { SilenceWatch } from './silence.ts'

/** Topics on which processes wake each other. A lost notification costs time, never a document: everybody also polls. */
export type Topic = 'tram_outbox' | 'tram_inbox' | 'tram_directory'

/** Tells everybody who listens. Sent outside the business transaction: NOTIFY inside would make commits queue up. */
export async function notify(db: Queryable, topic: Topic, payloads: readonly string[]): Promise<void> {
  await db.query({
    name: 'notify',
    text: 'select pg_notify($1, payload) from unnest($2::text[]) as payload',
    values: [topic, payloads],
  })
}

const PATIENCE_MS = 5_000

export interface Listener {
  close(): Promise<void>
}

/**
 * Listens to topics on a connection of its own, which is opened again when it breaks. `onMessage` is also called, with
 * an empty payload, after every (re)connection, since something may have been missed.
 */
export function listen(
  databaseUrl: string,
  topics: readonly Topic[],
  onMessage: (topic: Topic, payload: string) => void,
  onError: (error: Error) => void,
  watch?: Pick<SilenceWatch, 'stream'>,
): Listener {
  let closed = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  const reconnectLater = () => {
    if (closed || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void connect()
    }, 1_000)
    timer.unref()
  }

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'tram-listen',
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
      ...KEEP_ALIVE,
      ...(watch && { stream: watch.stream }),
    })
    client = fresh
    fresh.on('error', (error) => {
      onError(error)
      void fresh.end().catch(() => undefined)
      reconnectLater()
    })
    fresh.on('end', reconnectLater)
    fresh.on('notification', (message) => onMessage(message.channel as Topic, message.payload ?? ''))
    try {
      await fresh.connect()
      for (const topic of topics) await fresh.query(`listen ${topic}`)
      for (const topic of topics) onMessage(topic, '')
    } catch (error) {
      onError(error as Error)
      void fresh.end().catch(() => undefined)
      reconnectLater()
    }
  }

  void connect()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      if (client !== undefined) await goodbye(client)
    },
  }
}

/** A server that fell silent does not say goodbye, and is not waited for. */
async function goodbye(client: pg.Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 2_000)
  })
  await Promise.race([client.end().catch(() => undefined), limit])
  clearTimeout(timer)
}
