import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import pg from 'pg'

/*
 * The bare operations that one document needs, with nothing around them: its signature verified, its bytes hashed, the
 * seal's value made, one row committed, one job told to the queue and taken from it. Two processes like API and worker,
 * as many under way at once.
 */
interface FloorWorld {
  readonly role: 'front' | 'back'
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly bytes: number
  readonly seal: 'p256' | 'rsa'
  readonly inFlight: number
}

const world = JSON.parse(process.env.TRAM_BENCH_FLOOR!) as FloorWorld
const QUEUE = 'bench.floor'
const prefix = 'bench'

const pairOf = (kind: FloorWorld['seal']) =>
  kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })

interface Bare {
  readonly packet: Buffer
  readonly info: Buffer
  readonly value: Buffer
  readonly sender: KeyObject
  readonly seal: KeyObject
}

function bareOf(): Bare {
  const sender = pairOf('rsa')
  const info = randomBytes(600)
  return {
    packet: randomBytes(world.bytes),
    info,
    value: sign('sha256', info, sender.privateKey),
    sender: sender.publicKey,
    seal: pairOf(world.seal).privateKey,
  }
}

const INSERT = {
  name: 'floor',
  text: 'insert into bench_floor (digest, seal) values ($1, $2)',
}

/** Works for so many seconds, each time that it is told to. It stays when it is through: whoever ended has spent nothing. */
async function front(): Promise<void> {
  const { packet, info, value, sender, seal } = bareOf()
  const pool = new pg.Pool({ connectionString: world.databaseUrl, max: 20 })
  const queue = new Queue(QUEUE, { prefix, connection: { url: world.redisUrl } })
  await queue.waitUntilReady()
  const one = async (number: number) => {
    verify('sha256', info, sender, value)
    const digest = createHash('sha256').update(packet).digest()
    await pool.query({ ...INSERT, values: [digest, sign('sha256', info, seal)] })
    await queue.add('floor', { number }, { removeOnComplete: true })
  }
  let made = 0
  const run = async (seconds: number) => {
    const until = performance.now() + seconds * 1_000
    const lane = async () => {
      while (performance.now() < until) {
        made += 1
        await one(made)
      }
    }
    await Promise.all(Array.from({ length: world.inFlight }, lane))
    process.send!(made)
  }
  process.on('message', (seconds) => void run(Number(seconds)).catch(fail))
  process.send!(0)
}

function fail(error: unknown): never {
  console.error(error)
  process.exit(1)
}

async function back(): Promise<void> {
  let taken = 0
  const worker = new Worker(
    QUEUE,
    async () => {
      taken += 1
    },
    { prefix, concurrency: world.inFlight, connection: { url: world.redisUrl, maxRetriesPerRequest: null } },
  )
  await worker.waitUntilReady()
  process.on('message', () => void process.send!(taken))
  process.send!(0)
}

// Nobody is left to tell.
process.on('disconnect', () => process.exit())
await (world.role === 'front' ? front() : back())
