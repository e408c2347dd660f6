import type { AxisFailure, BesidePacket } from '../axis/client-types.ts'
import type { StagedBlob } from '../blobs/store.ts'
import type { Arrival, StoredBeside } from '../db/axis-arrival-record.ts'
import { markFetched, markTold, noteFailure } from '../db/axis-arrivals.ts'
import { databaseNow } from '../db/now.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import type { FetchedArrival } from './hand-in.ts'
import { endOf, notFetched, problemOfFailure } from './problems.ts'
import { failTelling, refuseArrival } from './refuse-arrival.ts'

/** Seconds after which a packet that its exchange names and does not give is refused. An exchange that is away is waited for. */
const GIVEN_UP_AFTER = 24 * 60 * 60

/**
 * Fetches a packet, and makes its bytes durable before anybody is told of them. Undefined where it could not be fetched, or
 * another process was first: what that one has kept is what will be handed in.
 * @throws GatewayError `storage-full`, `storage-unavailable`, `database-unavailable`
 */
export async function fetchArrival(
  dependencies: ArrivalDependencies,
  arrival: Arrival,
  signal: AbortSignal,
): Promise<FetchedArrival | undefined> {
  const { intake, client, line } = dependencies
  const stage = await intake.blobs.stage()
  try {
    const outcome = await client.getEdoc(arrival.remoteId, (content) => stage.write(content), signal)
    line.saw(outcome.ok ? undefined : outcome.failure)
    if (!outcome.ok) {
      await noteNotFetched(dependencies, arrival, outcome.failure)
      return undefined
    }
    await stage.commit()
    return await store(dependencies, arrival, outcome.value.taken, outcome.value.beside)
  } finally {
    await stage.discard()
  }
}

/** Whether a packet is waited for, from what the other exchange says. What it took back itself it is not told of. */
async function noteNotFetched(
  dependencies: ArrivalDependencies,
  arrival: Arrival,
  failure: AxisFailure,
): Promise<void> {
  const { pool } = dependencies.intake
  const end = endOf(dependencies.connector, failure)
  if (end !== undefined) {
    await refuseArrival(dependencies, arrival, end)
    return markTold(pool, arrival.id, failTelling(end))
  }
  const isFinal = failure.kind === 'refused' || failure.kind === 'answer-invalid'
  if (isFinal && (await isOld(dependencies, arrival)))
    return refuseArrival(dependencies, arrival, notFetched(failure))
  if (failure.kind !== 'aborted') await noteFailure(pool, arrival.id, problemOfFailure(failure))
}

async function store(
  { intake, connector }: ArrivalDependencies,
  arrival: Arrival,
  { sha256: packet, length }: StagedBlob,
  beside: BesidePacket,
): Promise<FetchedArrival | undefined> {
  const stored = connector.channel === 'gateway' ? storedBeside(beside) : null
  const isFirst = await markFetched(intake.pool, arrival.id, { packet, length, beside: stored })
  if (!isFirst) return undefined
  return { ...arrival, state: 'fetched', packet, packetLength: length, beside: stored, attempts: 0 }
}

const storedBeside = ({ seal, hops }: BesidePacket): StoredBeside => ({
  ...(seal && { seal: Buffer.from(seal).toString('base64') }),
  hops,
})

const isOld = async ({ intake }: ArrivalDependencies, { listedAt }: Arrival): Promise<boolean> =>
  (await databaseNow(intake.pool)).getTime() - listedAt.getTime() > GIVEN_UP_AFTER * 1_000
