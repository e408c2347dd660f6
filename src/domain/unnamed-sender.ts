import type { Envelope } from './envelope.ts'
import { agencyCode } from './identifiers.ts'

/** What the national axis writes where a system of its own has no name for the sender. */
const NO_NAME = 'null'

/** Whether a packet's From is the word `null`, which is nobody's code. */
export const isSenderUnnamed = ({ from }: Envelope): boolean => from.organId.trim().toLowerCase() === NO_NAME

/**
 * The envelope as if its From named the sender, where it is literally `null`; any other stays as it is.
 * @param sender whom the exchange that gives the packet names in its place; undefined: nobody
 */
export const withSender = (envelope: Envelope, sender: string | undefined): Envelope =>
  sender !== undefined && isSenderUnnamed(envelope)
    ? { ...envelope, from: { ...envelope.from, organId: agencyCode(sender) } }
    : envelope
