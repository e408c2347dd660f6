import { Type } from 'typebox'
import { findArrival } from '../../db/admin-arrivals.ts'
import type { Arrival } from '../../db/axis-arrival-record.ts'
import type { Pool } from '../../db/pool.ts'
import { ARRIVAL_STATES, type ArrivalState, type AxisMessageType } from '../../domain/axis/arrival.ts'
import { GatewayError } from '../../domain/problem.ts'
import { DateTime, Nullable, Uuid } from '../schemas/common.ts'

export const ArrivalParam = Type.Object({ id: Uuid })

export const ArrivalStateId = Type.Enum(Object.keys(ARRIVAL_STATES) as ArrivalState[], {
  description: Object.entries(ARRIVAL_STATES)
    .map(([state, { label }]) => `\`${state}\`: ${label.en} / ${label.vi}`)
    .join('; '),
})

const MESSAGE_TYPES: readonly AxisMessageType[] = ['edoc', 'status']

const Problem = (description: string) =>
  Nullable(
    Type.Object(
      {
        code: Type.String(),
        explanation: Type.Object({ vi: Type.String(), en: Type.String() }),
        faults: Type.Array(Type.Unknown()),
      },
      { description },
    ),
  )

export const ArrivalSchema = Type.Object({
  id: Type.String(),
  connector: Type.String({ description: 'The exchange that holds it, as the file of connectors names it' }),
  remoteId: Type.String({ description: 'As the other exchange calls the packet' }),
  messageType: Type.Enum([...MESSAGE_TYPES]),
  listedFrom: Type.String({ description: 'As the list names it; empty where it does not' }),
  listedTo: Type.String(),
  state: ArrivalStateId,
  told: Type.Boolean({ description: 'Whether the other exchange knows what became of it' }),
  listedAt: DateTime,
  packetSha256: Nullable(Type.String()),
  packetLength: Nullable(Type.Integer({ description: 'Bytes' })),
  document: Nullable(Type.String()),
  problem: Problem('Why it is refused'),
  failure: Problem('What went wrong last, of what is tried again'),
  attempts: Type.Integer({ description: 'At the step that it is at' }),
  nextAttemptAt: DateTime,
})

/** Seals and facts are of no use to people. */
export const presentArrival = ({ packet, beside: _beside, facts: _facts, ...arrival }: Arrival) => ({
  ...arrival,
  packetSha256: packet,
  problem: arrival.problem && { ...arrival.problem, faults: [...arrival.problem.faults] },
  failure: arrival.failure && { ...arrival.failure, faults: [...arrival.failure.faults] },
})

/** @throws GatewayError `not-found` */
export async function arrivalDetail(pool: Pool, id: string) {
  const arrival = await findArrival(pool, id)
  if (arrival === undefined) throw new GatewayError('not-found')
  return presentArrival(arrival)
}
