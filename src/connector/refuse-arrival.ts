import { recordEvents } from '../audit/record-events.ts'
import type { Arrival } from '../db/axis-arrival-record.ts'
import { markRefused } from '../db/axis-arrivals.ts'
import { inTransaction } from '../db/transaction.ts'
import type { ArrivalProblem } from '../domain/axis/arrival.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { tellingOf } from './problems.ts'

/** Puts on record that a packet is not taken in. Its bytes are kept, and it can be tried again. */
export async function refuseArrival(
  { intake, connector, caller }: ArrivalDependencies,
  arrival: Arrival,
  problem: ArrivalProblem,
): Promise<void> {
  const directoryRevision = intake.registry.current().directory.revision
  const { id, remoteId, messageType, listedFrom, listedTo, packet } = arrival
  await inTransaction(intake.pool, async (db) => {
    const telling = failTelling(problem)
    if (!(await markRefused(db, id, { problem, directoryRevision, telling }))) return
    const faults = problem.faults.map(({ code }) => code)
    const facts = {
      arrival: id,
      connector: connector.name,
      remoteId,
      messageType,
      from: listedFrom,
      to: listedTo,
    }
    await recordEvents(db, [
      {
        kind: 'arrival-refused',
        actor: caller.clientId,
        detail: { ...facts, packet, problem: problem.code, faults },
      },
    ])
  })
}

/** What the other exchange is told, as it stands on record: it is told once. */
export const failTelling = (problem: ArrivalProblem): string => `fail ${tellingOf(problem)}`
