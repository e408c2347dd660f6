import type { Arrival } from '../db/axis-arrival-record.ts'
import { markAccepted, noteFailure } from '../db/axis-arrivals.ts'
import { databaseNow } from '../db/now.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { type FetchedArrival, handInArrival } from './hand-in.ts'
import { isTargetKnown, patienceFor } from './known-target.ts'
import { type Look, lookInto } from './look-into.ts'
import { isAtHome, listedNames, listedSender, namesHere } from './names-here.ts'
import { problemOf, transientProblem } from './problems.ts'
import { refuseArrival } from './refuse-arrival.ts'

/** Runs one work at a time of those that have a name in common. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>

export type Taken = 'accepted' | 'refused' | 'waiting'

/** Why a packet waits that speaks of what is not known yet. */
export const TARGET_UNKNOWN = 'target-unknown'

/**
 * Hands a fetched packet in and keeps what became of it: taken in, refused, or to be tried again, where nothing but time
 * is needed.
 * @throws what says that nothing can be kept at all, such as GatewayError `database-unavailable`
 */
export async function takeIn(
  dependencies: ArrivalDependencies,
  arrival: FetchedArrival,
  inTurn: InTurn,
): Promise<Taken> {
  const { pool } = dependencies.intake
  try {
    const look = await lookAt(dependencies, arrival)
    if (look?.envelope.kind === 'document' && look.names.length === 0) throw forNobody()
    const waits = look && (await waitsFor(dependencies, arrival, look))
    if (waits === 'wait') {
      await noteFailure(pool, arrival.id, problemOf(unknownTarget()))
      return 'waiting'
    }
    if (waits === 'give-up') throw unknownTarget()
    // Two that say the same at once would not find each other.
    await inTurn(look?.facts ?? arrival.packet, async () =>
      accepted(dependencies, arrival, look, await handInArrival(dependencies, arrival, look)),
    )
    return 'accepted'
  } catch (error) {
    const transient = transientProblem(error)
    if (transient === undefined && error instanceof GatewayError) {
      await refuseArrival(dependencies, arrival, problemOf(error))
      return 'refused'
    }
    const { connector, warn } = dependencies
    warn({ err: error, connector: connector.name, remoteId: arrival.remoteId }, 'a packet is tried again')
    if (transient !== undefined) await noteFailure(pool, arrival.id, transient)
    return 'waiting'
  }
}

async function accepted(
  { intake }: ArrivalDependencies,
  { id }: Arrival,
  look: Look | undefined,
  document: DocumentKey,
): Promise<void> {
  await markAccepted(intake.pool, id, { document, facts: look?.facts ?? null })
}

async function lookAt(
  { intake, home, connector }: ArrivalDependencies,
  { packet, listedFrom, listedTo }: FetchedArrival,
): Promise<Look | undefined> {
  const { now, registry } = await intake.registry.asOfNow(intake.pool)
  const day = vietnamDay(now)
  const isHome = (spelling: string) => {
    const code = registry.directory.codeOf(spelling, day)?.code
    return code !== undefined && isAtHome(registry.directory, home, code, day)
  }
  // Gateways of this kind give bytes as they came, and sign for them.
  const sender = connector.channel === 'national-axis' ? listedSender(listedFrom) : undefined
  return lookInto(intake, packet, (envelope) => namesHere(envelope, listedNames(listedTo), isHome), sender)
}

/** Lists bring packets in no order: what speaks of another one may come before it. */
async function waitsFor(
  { intake: { pool, registry } }: ArrivalDependencies,
  { listedAt }: Arrival,
  { envelope }: Look,
): Promise<'wait' | 'give-up' | undefined> {
  const now = await databaseNow(pool)
  if (await isTargetKnown(pool, registry.current().directory, vietnamDay(now), envelope)) return undefined
  const { seconds, thenHandedIn } = patienceFor(envelope)
  if (now.getTime() - listedAt.getTime() < seconds * 1_000) return 'wait'
  return thenHandedIn ? undefined : 'give-up'
}

const unknownTarget = (): GatewayError =>
  new GatewayError(TARGET_UNKNOWN, {
    detail: {
      vi: 'Văn bản được nói tới chưa từng đi qua trục này.',
      en: 'What the packet speaks of has not come through this gateway.',
    },
  })

/** Intake would take it, and bring it to nobody. */
const forNobody = (): GatewayError =>
  new GatewayError('recipients-unresolvable', {
    detail: {
      vi: 'Danh sách của trục khác không ghi nơi nhận, và gói tin không gửi cho cơ quan nào nối vào trục này.',
      en: 'The list names no recipient, and the packet is for no agency whose system is connected here.',
    },
  })
