import { Type } from 'typebox'
import type { ApiContext } from '../../context.ts'
import type { Admit } from '../admit.ts'
import type { Door } from '../door.ts'
import { Code, Uuid } from '../schemas/common.ts'

/** What an operation is added to: the door, with types that follow from schemas. */
export type DoorApp = Parameters<Door>[0]

export interface Surroundings {
  readonly context: ApiContext
  /** Aborted when the server begins to stop: nobody waits for what may come. */
  readonly stopping: AbortSignal
  /** Lets in who hands something in, when his turn has come. */
  readonly admit: Admit
}

/** Adds one operation to the door. */
export type Operation = (app: DoorApp, surroundings: Surroundings) => void

export const TAGS = {
  documents: 'Sent documents',
  inbox: 'Inbox',
  directory: 'Directory',
  endpoint: 'Own endpoint',
  seals: 'Seals',
} as const

/** For whom the caller acts. */
export const ACTING = {
  agency: Type.Optional({
    ...Code,
    description: 'Act for this agency, of which a delegation is on record; the own agency where left out',
  }),
}
/** Also what those sent, or were sent, from whom the agency took over. */
export const PREDECESSORS = {
  predecessors: Type.Optional(
    Type.Boolean({
      description:
        'Also of agencies that have closed and whose successor for everything (merger, other code, closure, main heir of a ' +
        'split) this one is, however many steps ago',
    }),
  ),
}
export const ActingQuery = Type.Object(ACTING, { additionalProperties: false })

export const DocumentParams = Type.Object({ documentId: Uuid })
export const DeliveryParams = Type.Object({ deliveryId: Uuid })
const attachmentNumber = Type.Integer({ minimum: 1, maximum: 10_000, description: '1 is the first' })
export const DocumentAttachmentParams = Type.Object({ documentId: Uuid, number: attachmentNumber })
export const DeliveryAttachmentParams = Type.Object({ deliveryId: Uuid, number: attachmentNumber })
