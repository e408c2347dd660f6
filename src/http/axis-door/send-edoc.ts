import { okAnswer } from '../../axis/answers.ts'
import { packetOfBody } from '../../axis/file-hash.ts'
import { sendsFor } from '../../directory/axis-systems-served.ts'
import type { DirectorySnapshot } from '../../directory/snapshot/snapshot.ts'
import { GatewayError } from '../../domain/problem.ts'
import { acceptSubmission } from '../../intake/accept-submission.ts'
import { intakeFor } from '../admit.ts'
import { streamedBody } from '../agency-api/read-body.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { fromGateway } from './beside-packet.ts'
import { handedInFor, messageType, requiredField } from './read-fields.ts'
import { stillKnown } from './still-known.ts'

/**
 * Takes a packet in. Whether it is a document or a status is what the packet says; the header may be left over from an
 * earlier call. Sent again, it is answered as the first time.
 * @throws GatewayError everything that intake throws
 */
export async function sendEdoc(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  const { context, admit } = surroundings
  const { request, known, signed } = asking
  messageType(signed)
  const to = handedInFor(signed)
  const beside = fromGateway(asking)
  // What another gateway brings in the name of somebody that it does not serve has often gone in a circle: intake looks
  // at the way first, and says so.
  if (beside === undefined) await refuseStranger(asking, surroundings)
  const content = packetOfBody(streamedBody(request), requiredField(signed, 'hash-file'))
  const { caller } = known
  let serves = sendsFor(known.system)
  async function* arriving(): AsyncGenerator<Uint8Array> {
    yield* content
    serves = sendsFor((await stillKnown(asking, surroundings)).system)
  }
  const accepted = await admit(request, () =>
    acceptSubmission(intakeFor(context, request), {
      caller,
      content: arriving(),
      serves: (...named) => serves(...named),
      ...(to !== undefined && { handedInFor: to }),
      ...(beside !== undefined && { fromGateway: beside }),
    }),
  )
  return { json: okAnswer('sendEdoc', { DocId: accepted.claims.document }) }
}

/**
 * Told before a byte of the packet is read; who sends it is for the packet to say. What this process may only not know yet
 * is looked up before anybody is told no.
 */
async function refuseStranger(
  { signed, known, directory, day }: Asking,
  { context: { registry, pool } }: AxisSurroundings,
): Promise<void> {
  const from = signed.get('from')?.trim() ?? ''
  if (from === '') return
  const sends = sendsFor(known.system)
  const isServed = (view: DirectorySnapshot): boolean => {
    const code = view.codeOf(from, day)?.code
    return code !== undefined && sends(view, code, day)
  }
  if (isServed(directory) || isServed((await registry.upToDate(pool)).directory)) return
  throw new GatewayError('sender-mismatch', {
    detail: {
      vi: `Hệ thống này không phục vụ cơ quan ${from}.`,
      en: `This system does not serve the agency ${from}.`,
    },
  })
}
