import { Readable } from 'node:stream'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import type { AcceptedDocument, Submission } from '../../src/intake/submission.ts'
import { callerOf, type TestGateway } from './gateway.ts'

type HandIn = Omit<Partial<Submission>, 'content'>

/** Hands a packet in as a system or another exchange would, with what comes beside it; as the sender's own where nothing says otherwise. */
export const handIn = (
  { api }: Pick<TestGateway, 'api'>,
  agency: string,
  packet: Uint8Array,
  beside: HandIn = {},
): Promise<AcceptedDocument> =>
  acceptSubmission(api, { caller: callerOf(agency), content: Readable.from([packet]), ...beside })
