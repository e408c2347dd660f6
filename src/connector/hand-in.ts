import type { Arrival } from '../db/axis-arrival-record.ts'
import { findSameFacts } from '../db/axis-arrivals.ts'
import { findDocument } from '../db/documents.ts'
import { findHandIns } from '../db/hand-ins.ts'
import { findIdempotencyKey } from '../db/idempotency-keys.ts'
import { databaseNow } from '../db/now.ts'
import type { DocumentKey, Sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { submissionKey } from '../domain/submission-key.ts'
import { isSenderUnnamed } from '../domain/unnamed-sender.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { acceptSubmission } from '../intake/accept-submission.ts'
import type { FromGateway, Submission } from '../intake/submission.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { isJudgement, judgedPacket, requireWhole } from './judged-packet.ts'
import { type Look, lookInto } from './look-into.ts'
import { isElsewhere } from './names-here.ts'

/** An arrival whose bytes are stored. */
export type FetchedArrival = Arrival & { readonly packet: Sha256 }

/**
 * Hands a fetched packet in; as often as it is asked for, with one effect. Where the same has come before in other bytes
 * (the national axis writes packets anew), it is handed in as it came first: for the same recipients that is the same
 * submission, for others it is one more hand-in of it.
 * @param look undefined where the packet cannot be read
 * @throws GatewayError as `acceptSubmission`, and `content-damaged` where the store has other bytes than those that came
 */
export async function handInArrival(
  dependencies: ArrivalDependencies,
  arrival: FetchedArrival,
  look: Look | undefined,
): Promise<DocumentKey> {
  try {
    return await handInAsFirst(dependencies, arrival, look)
  } catch (error) {
    const taken = look && isJudgement(error) ? await takenBefore(dependencies, arrival, look) : undefined
    if (taken === undefined) throw error
    return taken
  }
}

async function handInAsFirst(
  dependencies: ArrivalDependencies,
  arrival: FetchedArrival,
  look: Look | undefined,
): Promise<DocumentKey> {
  const { connector, intake } = dependencies
  const same = look && (await findSameFacts(intake.pool, connector.name, look.facts))
  const packet = same?.packet ?? arrival.packet
  try {
    return await handInAs(dependencies, arrival, look, packet)
  } catch (error) {
    const other = await otherBytes(dependencies, arrival, look, error)
    if (other === undefined || other === packet) throw error
    return handInAs(dependencies, arrival, look, other)
  }
}

/**
 * What was made of this very arrival by a process that died before it noted that: whatever bytes it was handed in as, and
 * whatever the directory says by now of those whom it names.
 */
async function takenBefore(
  { intake, caller, connector }: ArrivalDependencies,
  arrival: FetchedArrival,
  look: Look,
): Promise<DocumentKey | undefined> {
  const known = await findIdempotencyKey(intake.pool, caller.clientId, keyOf(connector, arrival))
  const document = known && (await findDocument(intake.pool, known.document))
  if (document === undefined) return undefined
  return (await saysTheSame(intake, document.packetSha256, look)) ? document.key : undefined
}

/** The bytes in which a packet is taken that is refused in others; undefined where it stays refused. */
async function otherBytes(
  { intake }: ArrivalDependencies,
  arrival: FetchedArrival,
  look: Look | undefined,
  error: unknown,
): Promise<Sha256 | undefined> {
  if (!(error instanceof GatewayError) || error.code !== 'document-id-conflict') return undefined
  if (look === undefined) return undefined
  const { pool, registry } = intake
  const sender = registry
    .current()
    .directory.codeOf(look.envelope.from.organId, vietnamDay(await databaseNow(pool)))
  if (sender === undefined) return undefined
  const wholeKey = submissionKey(look.envelope, arrival.packet)
  const keys = { sender: sender.code, wholeKey, submissionKey: wholeKey }
  for (const { packetSha256 } of (await findHandIns(pool, [keys])).flat())
    if (await saysTheSame(intake, packetSha256, look)) return packetSha256
  return undefined
}

/** Whether a stored packet says what another one does that was looked at, to the same. */
async function saysTheSame(
  intake: ArrivalDependencies['intake'],
  packet: Sha256,
  { envelope, names, facts }: Look,
): Promise<boolean> {
  const stored = await lookInto(intake, packet, () => names, envelope.from.organId)
  return stored?.facts === facts
}

const keyOf = (connector: ArrivalDependencies['connector'], { remoteId }: Arrival): string =>
  `axis:${connector.name}:${remoteId}`

async function handInAs(
  { intake, connector, home, caller }: ArrivalDependencies,
  arrival: FetchedArrival,
  look: Look | undefined,
  packet: Sha256,
): Promise<DocumentKey> {
  const submission: Omit<Submission, 'content'> = {
    caller,
    idempotencyKey: keyOf(connector, arrival),
    serves: (directory, code, day) => isElsewhere(directory, home, code, day),
    ...(look?.envelope.kind === 'document' && { handedInFor: look.names }),
    ...(connector.channel === 'national-axis'
      ? { brokenSignatures: 'report', ...(look && namedSender(look)) }
      : { brokenSignatures: 'refuse', fromGateway: gatewayOf(connector, arrival, packet) }),
  }
  // Where it is damaged, a refusal would go on record as its sender's.
  if (packet !== arrival.packet) await requireWhole(intake.blobs, packet)
  const accepted = await judgedPacket(intake.blobs, packet, (content) =>
    acceptSubmission(intake, { ...submission, content }),
  )
  return accepted.claims.document
}

/** Also for the bytes in which the same came first: one of the two may name its sender and the other not. */
const namedSender = ({ envelope }: Look): Pick<Submission, 'senderWhereNull'> =>
  isSenderUnnamed(envelope) ? {} : { senderWhereNull: envelope.from.organId }

function gatewayOf(
  { name, gateway }: ArrivalDependencies['connector'],
  { packet: own, beside }: FetchedArrival,
  packet: Sha256,
): FromGateway {
  return {
    name,
    ...(gateway !== null && { agency: gateway }),
    // Its seal is over the bytes that it gave.
    ...(beside?.seal !== undefined && packet === own && { seal: Buffer.from(beside.seal, 'base64') }),
    hops: beside?.hops ?? [],
  }
}
