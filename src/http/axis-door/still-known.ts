import { verifySignedHeaders } from '../../axis/signed-headers.ts'
import type { KnownAxisSystem } from '../../directory/axis-systems-known.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Asking, AxisSurroundings } from './asking.ts'

/**
 * The system as it is by now: an upload takes minutes, and a system that is revoked meanwhile, or whose secret has ended
 * because somebody else has it, brings nothing any more. Its time was judged when it began.
 * @throws GatewayError `client-invalid`, `database-unavailable`
 */
export async function stillKnown(
  { request, known }: Pick<Asking, 'request' | 'known'>,
  { findSystem }: Pick<AxisSurroundings, 'findSystem'>,
): Promise<KnownAxisSystem> {
  const now = await findSystem(known.system.systemId)
  if (now === undefined || !verifySignedHeaders(request.raw.rawHeaders, now.secrets).ok)
    throw endedMeanwhile()
  return now
}

const endedMeanwhile = (): GatewayError =>
  new GatewayError('client-invalid', {
    detail: {
      vi: 'Hệ thống hoặc bí mật đã hết hiệu lực trong lúc gói tin được gửi lên.',
      en: 'The system or its secret has ended while the packet was being sent.',
    },
  })
