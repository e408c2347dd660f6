import type { FastifyRequest } from 'fastify'
import type { SignedHeaders } from '../../axis/signed-headers.ts'
import type { ApiContext } from '../../context.ts'
import type { FindAxisSystem, KnownAxisSystem } from '../../directory/axis-systems-known.ts'
import type { DirectorySnapshot } from '../../directory/snapshot/snapshot.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Admit } from '../admit.ts'

/** What the axis door works with. */
export interface AxisSurroundings {
  readonly context: ApiContext
  readonly findSystem: FindAxisSystem
  readonly admit: Admit
  /** The clock by which the times of requests are judged. */
  readonly now: () => Date
}

/** A request whose signature holds. Only what is signed is looked at: everything else anybody may have added. */
export interface Asking {
  readonly request: FastifyRequest
  readonly known: KnownAxisSystem
  readonly signed: SignedHeaders
  readonly directory: DirectorySnapshot
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  /** Every agency in whose name the system sends and receives today. */
  readonly served: ReadonlySet<AgencyCode>
}
